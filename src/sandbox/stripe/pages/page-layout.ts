import { Html, html } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'

/** A whole page. `wide` has a summary beside its form. */
export function layout(title: string, content: Html, width: 'wide' | 'narrow' = 'narrow'): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Sandbox</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<div class="banner" role="note"><strong>Sandbox.</strong> A simulated checkout: no real card, no real money.</div>
<main class="page ${width}">${content}</main>
</body>
</html>`
  return page.text
}

/** A page that says one thing and, where there is one, shows the way on. */
export function messagePage(title: string, text: string, link: { url: string; label: string } | null): string {
  const way = link && html`<p class="stack"><a class="button primary" href="${link.url}">${link.label}</a></p>`
  return layout(title, html`<div class="card"><h1>${title}</h1><p>${text}</p>${way}</div>`)
}
