import type { Response } from 'express'

type DoorPage = 'preparing' | 'outsider' | 'refused' | 'not found'

const WORDS: Readonly<Record<DoorPage, { title: string; text: string }>> = {
  preparing: { title: 'One moment', text: 'The back office is being prepared. This page goes on by itself.' },
  outsider: {
    title: 'This is not for you',
    text: 'The back office is for the staff and for resellers. Your own account is in the portal.',
  },
  refused: { title: 'Refused', text: 'This was not sent by one of our own pages, so nothing was done.' },
  'not found': { title: 'Not found', text: 'There is no such page.' },
}

/** A plain page in front of the back office. It loads nothing. */
export function doorPage(response: Response, status: number, page: DoorPage): void {
  const { title, text } = WORDS[page]
  const again = page === 'preparing' ? '<meta http-equiv="refresh" content="1">' : ''
  const way = page === 'preparing' ? '' : '<p><a href="/">To the portal</a></p>'
  response
    .status(status)
    .type('html')
    .send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Farebox</title>${again}
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-content: center; text-align: center; padding: 1rem }
h1 { font-size: 1.5rem; margin: 0 0 .5rem } p { margin: 0 0 1rem; max-width: 32rem }
</style></head><body><main><h1>${title}</h1><p role="status">${text}</p>${way}</main></body></html>`)
}
