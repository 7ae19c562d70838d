import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Response, Router } from 'express'
import type { ComponentBundle } from './component-bundle.ts'

const SCRIPTS = ['app.bundle.js', 'global.bundle.js', 'design-system.bundle.js', 'components.bundle.js']
const ICON_FONT = ['icomoon.css', 'icomoon.eot', 'icomoon.svg', 'icomoon.ttf', 'icomoon.woff']
const YEAR_SECONDS = 31_536_000

/** The path of a script with its version in it, so that browsers may keep it forever. */
export function versionedPath(version: string, name: string): string {
  return `/admin/frontend/assets/${version}/${name}`
}

/** The scripts of the pages, in front of AdminJS's own routes: compressed, and kept by browsers for as long as they fit. */
export function bundleRouter({ folder, version }: ComponentBundle): Router {
  const router = Router()
  for (const name of SCRIPTS) {
    router.get(`/frontend/assets/${version}/${name}`, async (request, response) => {
      const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      response.set({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`,
        vary: 'accept-encoding',
        ...(isZipped && { 'content-encoding': 'gzip' }),
      })
      await sendFile(response, join(folder, isZipped ? `${name}.gz` : name))
    })
  }
  const styles = join(dirname(createRequire(import.meta.url).resolve('adminjs')), 'lib/frontend/assets')
  for (const name of ICON_FONT) {
    router.get(`/frontend/assets/${name}`, async (_request, response) => {
      response.type(name).set('cache-control', 'public, max-age=86400')
      await sendFile(response, join(styles, name.endsWith('.css') ? 'styles' : 'fonts', name))
    })
  }
  return router
}

async function sendFile(response: Response, path: string): Promise<void> {
  const { size } = await stat(path)
  response.set('content-length', String(size))
  await pipeline(createReadStream(path), response)
}
