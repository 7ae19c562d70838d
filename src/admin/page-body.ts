import type { RequestHandler } from 'express'
import { versionedPath } from './bundle/serve-bundle.ts'

const WEB_FONT = /<link rel="stylesheet" href="https:\/\/fonts\.googleapis\.com[^>]*>/
const SCRIPT = /\/admin\/frontend\/assets\/((?:app|global|design-system|components)\.bundle\.js)/g

/** AdminJS's page as we send it: nothing is asked of another host, and scripts have their version in the address. */
export function pageBody(version: string): RequestHandler {
  return (_request, response, next) => {
    const send = response.send.bind(response)
    response.send = (body) => {
      if (typeof body !== 'string' || !body.includes('window.REDUX_STATE')) return send(body)
      const own = body
        .trimStart()
        .replace(WEB_FONT, '')
        .replace(SCRIPT, (_match, name: string) => versionedPath(version, name))
      return send(own.replace('<html lang=', '<html data-product="Farebox" lang='))
    }
    next()
  }
}
