/** The whole style of the hosted pages: system fonts, light and dark, nothing fetched. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#16202e;--soft:#56637a;--paper:#fff;--wash:#f3f5f9;--line:#c9d1de;--edge:#7c8aa3;--accent:#3346d3;--accent-ink:#fff;--bad:#b3261e;--bad-wash:#fdeeec;--note:#7a4a00;--note-wash:#fff3d6}
@media (prefers-color-scheme:dark){:root{--ink:#e9edf5;--soft:#a5b0c4;--paper:#182031;--wash:#0f1522;--line:#33405a;--edge:#76849f;--accent:#a9b6ff;--accent-ink:#10183a;--bad:#ffb4ab;--bad-wash:#43191a;--note:#ffd98a;--note-wash:#38290b}}
*{box-sizing:border-box}
body{margin:0;background:var(--wash);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
.banner{background:var(--note-wash);color:var(--note);padding:.55rem 1rem;text-align:center;font-size:.9rem}
.banner strong{font-weight:650}
.page{max-width:64rem;margin:0 auto;padding:2rem 1.25rem 4rem;display:grid;gap:2rem 3.5rem}
.narrow{max-width:30rem}
@media (min-width:52rem){.page.wide{grid-template:"summary form" auto "cards form" 1fr/minmax(0,5fr) minmax(0,6fr);padding-top:3.5rem}.summary{grid-area:summary}.main{grid-area:form;align-self:start}.aside{grid-area:cards}}
h1{font-size:1rem;font-weight:500;margin:0;color:var(--soft)}
.narrow h1{font-size:1.35rem;font-weight:650;color:var(--ink);line-height:1.3}
h2{font-size:1.05rem;font-weight:650;margin:0 0 .75rem}
.total{font-size:2.5rem;line-height:1.2;font-weight:680;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:.15rem 0 1.5rem}
.items{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
.items li{display:flex;justify-content:space-between;gap:1rem;padding:.85rem 0;border-bottom:1px solid var(--line)}
.items strong{font-weight:600;display:block;overflow-wrap:anywhere}
.items small,.hint,.fine{color:var(--soft);font-size:.875rem}
.amount{font-variant-numeric:tabular-nums;white-space:nowrap;font-weight:600}
.card{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1.5rem;box-shadow:0 1px 2px rgb(10 20 40/.05),0 8px 28px rgb(10 20 40/.06)}
form{margin:0}
fieldset{border:0;margin:0 0 1.5rem;padding:0;min-width:0}
legend{font-size:1.05rem;font-weight:650;padding:0;margin-bottom:.6rem}
.row{display:grid;gap:0 .9rem;grid-template-columns:1fr 1fr}
@media (max-width:24rem){.row{grid-template-columns:1fr}}
.choices{margin-bottom:1.1rem}
legend .hint{font-weight:400}
::placeholder{color:var(--soft);opacity:1}
.field{margin-bottom:.95rem;min-width:0}
label{display:block;font-size:.9rem;font-weight:550;margin-bottom:.25rem}
input,select{width:100%;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--edge);border-radius:8px;padding:.6rem .75rem;min-height:2.85rem}
input[readonly]{background:var(--wash);color:var(--soft)}
input[aria-invalid=true],select[aria-invalid=true]{border-color:var(--bad);box-shadow:inset 0 0 0 1px var(--bad)}
input[type=checkbox],input[type=radio]{width:1.15rem;height:1.15rem;min-height:0;margin:.18rem 0 0;accent-color:var(--accent);flex:none}
.choice{display:flex;gap:.65rem;align-items:flex-start;font-weight:450;margin-bottom:.5rem}
.choice.alone{margin:0 0 1.25rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.alert:focus-visible{outline:2px solid var(--bad);outline-offset:1px}
.problem{color:var(--bad);font-size:.875rem;margin:.3rem 0 0}
.alert{background:var(--bad-wash);color:var(--bad);border-radius:10px;padding:.8rem 1rem;margin:0 0 1.25rem;font-weight:550}
button,.button{font:inherit;font-weight:620;border-radius:9px;border:1px solid transparent;padding:.7rem 1.1rem;min-height:2.9rem;cursor:pointer;text-align:center;text-decoration:none;display:inline-block}
.primary{background:var(--accent);color:var(--accent-ink);width:100%}
.primary:hover{filter:brightness(1.08)}
.secondary{background:transparent;color:var(--ink);border-color:var(--edge);width:100%}
.secondary:hover{background:var(--wash)}
.stack{display:grid;gap:.75rem;margin-top:1.25rem}
a{color:var(--accent)}
.cancel{display:block;text-align:center;margin-top:1rem;padding:.35rem}
summary{cursor:pointer;font-weight:620}
.cards{list-style:none;margin:.9rem 0 0;padding:0;display:grid;gap:.4rem}
.cards button{width:100%;display:grid;grid-template-columns:auto 1fr;gap:0 1rem;text-align:left;background:transparent;color:inherit;border-color:var(--line);padding:.5rem .8rem;font-weight:450;font-size:.875rem;min-height:2.75rem;align-items:center}
.cards button:hover{border-color:var(--accent);background:var(--wash)}
.cards code{font:600 .85rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:nowrap}
@media (max-width:30rem){.cards button{grid-template-columns:1fr}.card{padding:1.15rem}.page{padding-top:1.25rem}}
.facts{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.25rem;margin:1rem 0 0}
.facts dt{color:var(--soft)}.facts dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
`
