import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'
import type { Response } from 'express'

const TEMPLATES = join(import.meta.dirname, '../../templates/portal')

const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true })

/** The one script there is. It stands in the page itself, and the policy below knows it by its hash. */
const LOOK_AGAIN = readFileSync(join(TEMPLATES, 'look-again.js'), 'utf8')
const LOOK_AGAIN_HASH = createHash('sha256').update(LOOK_AGAIN).digest('base64')

/** Pages bring their own style and load nothing from anywhere; their forms lead to us, and from us to the payment page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${LOOK_AGAIN_HASH}'`,
  "connect-src 'self'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  'form-action *',
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Renders a page of `templates/portal`. Whatever a template is given is escaped. */
export function sendPage(response: Response, status: number, template: string, data: object): void {
  response
    .status(status)
    .set({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .type('html')
    .send(eta.render(template, { ...data, lookAgainScript: LOOK_AGAIN }))
}
