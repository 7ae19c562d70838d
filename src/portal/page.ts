import { join } from 'node:path'
import { Eta } from 'eta'
import type { Response } from 'express'
import { shellOf } from './shell.ts'

const TEMPLATES = join(import.meta.dirname, '../../templates/portal')

const eta = new Eta({ views: TEMPLATES, cache: true, autoEscape: true })

/**
 * Renders a page of `templates/portal` within the portal's shell. Whatever a template is given is escaped; the shell is
 * there as `it.shell`.
 */
export function sendPage(response: Response, status: number, template: string, data: object): void {
  sendPart(response, status, template, data)
}

/** Renders a part of a page for htmx to put in place: a template that names no layout. */
export function sendPart(response: Response, status: number, template: string, data: object): void {
  // Rendered first: the token for a form may set a cookie, and headers leave with the body.
  const body = eta.render(template, { ...data, shell: shellOf(response.req, response) })
  response.status(status).type('html').send(body)
}
