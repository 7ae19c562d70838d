import React from 'react'

/** Pages of figures: cards, tables and forms that fit on a phone. Class names begin with `fb-`. */
const CSS = `
.fb-page { position: relative; display: grid; gap: 20px; min-width: 0; padding: 24px; color: #1c2127; }
.fb-page > * { min-width: 0; }
.fb-page h1 { margin: 0; font-size: 26px; font-weight: 700; overflow-wrap: anywhere; }
.fb-page h2 { margin: 0; font-size: 18px; font-weight: 700; }
.fb-page h3 { margin: 0; font-size: 15px; font-weight: 700; }
.fb-page a { color: #2a4bd7; }
.fb-page h1, .fb-page h2, .fb-page h3 { line-height: 1.25; }
.fb-quiet { color: #4a535c; font-size: 13px; }
.fb-box { background: #fff; border: 1px solid #dfe3e8; border-radius: 10px; padding: 20px; display: grid; gap: 16px; min-width: 0; }
.fb-box > * { min-width: 0; }
.fb-row { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: center; }
.fb-between { justify-content: space-between; }
.fb-cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); }
.fb-card { background: #fff; border: 1px solid #dfe3e8; border-radius: 10px; padding: 16px 18px; display: grid; gap: 6px; align-content: start; min-width: 0; }
.fb-card-label { color: #4a535c; font-size: 13px; font-weight: 600; }
.fb-card-value { font-size: 22px; font-weight: 700; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.fb-page a.fb-card-value { color: inherit; text-decoration: none; }
.fb-page a.fb-card-value:hover { text-decoration: underline; }
.fb-up { color: #17653a; } .fb-down { color: #a1180f; }
.fb-choices { display: inline-flex; flex-wrap: wrap; gap: 0; border: 1px solid #b9c0c9; border-radius: 8px; overflow: hidden; }
.fb-choices button { border: 0; border-right: 1px solid #d5d9de; background: #fff; padding: 8px 13px; font: inherit; font-size: 14px; cursor: pointer; color: #1c2127; }
.fb-choices button:last-child { border-right: 0; }
.fb-choices button[aria-pressed='true'], .fb-choices button[aria-selected='true'] { background: #2a4bd7; color: #fff; font-weight: 600; }
.fb-page button:focus-visible, .fb-page a:focus-visible, .fb-page input:focus-visible, .fb-page select:focus-visible, .fb-page summary:focus-visible { outline: 3px solid #7c93f2; outline-offset: 1px; }
.fb-scroll { overflow-x: auto; }
.fb-table { border-collapse: collapse; width: 100%; font-size: 14px; }
.fb-table caption { text-align: left; color: #4a535c; font-size: 13px; padding-bottom: 8px; }
.fb-table th, .fb-table td { padding: 8px 10px; border-bottom: 1px solid #e6e9ed; text-align: left; vertical-align: middle; }
.fb-table thead th { color: #4a535c; font-size: 13px; font-weight: 600; white-space: nowrap; }
.fb-table .fb-num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.fb-table tfoot th, .fb-table tfoot td { font-weight: 700; border-bottom: 0; border-top: 2px solid #c6cbd2; }
.fb-bar { display: block; height: 8px; border-radius: 4px; background: #2a4bd7; min-width: 2px; }
.fb-page .fb-bar-of[hidden] { display: none; }
.fb-bar-of { display: block; width: 110px; background: #eceff3; border-radius: 4px; }
.fb-pulse { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); margin: 0; padding: 0; list-style: none; }
.fb-pulse li { border: 1px solid #e6e9ed; border-radius: 8px; padding: 12px 14px; display: grid; gap: 2px; align-content: start; }
.fb-pulse li.fb-alarm { border-color: #d98b26; background: #fff8ee; }
.fb-pulse a { font-size: 19px; font-weight: 700; font-variant-numeric: tabular-nums; text-decoration: none; }
.fb-pulse a:hover { text-decoration: underline; }
.fb-button { border: 1px solid #b9c0c9; background: #fff; color: #1c2127; border-radius: 8px; padding: 9px 16px; font: inherit; font-size: 14px; font-weight: 600; cursor: pointer; }
.fb-button:hover { background: #f3f5f8; }
.fb-button[disabled] { opacity: .55; cursor: default; }
.fb-main { background: #2a4bd7; border-color: #2a4bd7; color: #fff; }
.fb-main:hover { background: #1f3bb3; }
.fb-page label { font-size: 13px; font-weight: 600; display: grid; gap: 4px; }
.fb-page label.fb-check { display: flex; gap: 8px; align-items: center; font-weight: 400; font-size: 14px; }
.fb-page input:not([type='checkbox']), .fb-page select, .fb-page textarea { border: 1px solid #8d96a1; border-radius: 6px; padding: 8px 10px; font: inherit; font-size: 14px; font-weight: 400; background: #fff; color: #1c2127; min-width: 0; width: 100%; box-sizing: border-box; }
.fb-page [aria-invalid='true'] { border-color: #a1180f; }
.fb-wrong { color: #a1180f; font-size: 13px; font-weight: 400; }
.fb-fields { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); align-items: start; }
.fb-note { border-left: 4px solid #2a4bd7; background: #f0f3ff; border-radius: 6px; padding: 12px 16px; font-size: 14px; }
.fb-note.fb-done { border-color: #17653a; background: #edf7f0; }
.fb-note.fb-warn { border-color: #b36b00; background: #fff7e8; }
.fb-note.fb-bad { border-color: #a1180f; background: #fdeeed; }
.fb-note ul { margin: 6px 0 0; padding-left: 20px; }
.fb-canvas { position: relative; height: 280px; }
.fb-progress { width: 100%; height: 12px; }
.fb-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.fb-page summary { cursor: pointer; color: #2a4bd7; font-weight: 600; font-size: 14px; }
.fb-empty { text-align: center; padding: 36px 16px; color: #4a535c; }
.fb-phone { display: none; }
@media (max-width: 640px) {
  .fb-page { padding: 14px; gap: 14px; }
  .fb-box { padding: 14px; }
  .fb-cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .fb-card { padding: 12px; }
  .fb-card-value { font-size: 17px; }
  .fb-wide { display: none; }
  .fb-phone { display: revert; }
  .fb-canvas { height: 220px; }
  .fb-pulse { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
`

export function OfficeStyle() {
  return <style>{CSS}</style>
}
