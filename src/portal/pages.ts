import { join } from 'node:path'
import { Eta } from 'eta'
import type { Response } from 'express'

const TEMPLATES = join(import.meta.dirname, '../../templates/portal')

const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true })

/** Pages bring their own style and load nothing from anywhere; their forms lead to us, and from us to the payment page. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action *; frame-ancestors 'none'; base-uri 'none'"

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
    .send(eta.render(template, data))
}
