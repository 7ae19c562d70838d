import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { Router } from 'express'

const OWN = join(import.meta.dirname, '../../templates/portal/assets')
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}
const HASH_LENGTH = 16
/** The address changes with the content, so that a browser never has to ask again. */
const CACHED = 'public, max-age=31536000, immutable'

const packages = createRequire(import.meta.url)
const besidePackage = (name: string, file: string) => join(dirname(packages.resolve(name)), file)

/** Of libraries: what each is called here, and where its one file lies. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'htmx.js': besidePackage('htmx.org', 'htmx.min.js'),
  'chart.js': besidePackage('chart.js', 'chart.umd.min.js'),
}

interface Asset {
  path: string
  type: string
  body: Buffer
  /** A third of it, for every browser there is. */
  gzipped: Buffer
}

const assets = new Map(
  [
    ...readdirSync(OWN)
      .filter((name) => extname(name) in TYPES)
      .map((name) => [name, join(OWN, name)] as const),
    ...Object.entries(LIBRARIES),
  ].map(([name, file]) => [name, assetOf(name, readFileSync(file))]),
)
const byPath = new Map([...assets.values()].map((asset) => [asset.path, asset]))

function assetOf(name: string, body: Buffer): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_LENGTH)
  const extension = extname(name)
  const type = TYPES[extension] as string
  return {
    path: `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`,
    type,
    body,
    gzipped: gzipSync(body, { level: constants.Z_BEST_COMPRESSION }),
  }
}

/**
 * The address of a stylesheet or script by its name, such as `portal.css`.
 * @throws RangeError for a name that is none of `templates/portal/assets` or the libraries above
 */
export function assetPath(name: string): string {
  const asset = assets.get(name)
  if (!asset) throw new RangeError(`There is no asset '${name}'.`)
  return asset.path
}

/** Serves them, to everybody. */
export function assetsRouter(): Router {
  const router = Router()
  router.get('/assets/:file', (request, response, next) => {
    const asset = byPath.get(request.path)
    if (!asset) return next()
    response
      .set({ 'content-type': asset.type, 'cache-control': CACHED, 'x-content-type-options': 'nosniff' })
      .set({ 'cross-origin-resource-policy': 'same-origin', vary: 'accept-encoding' })
    if (!request.acceptsEncodings('gzip')) return void response.send(asset.body)
    response.set('content-encoding', 'gzip').send(asset.gzipped)
  })
  return router
}
