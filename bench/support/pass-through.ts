import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

/**
 * The floor of what a gateway on Node can cost: `node:http` in front, an undici pool behind, bodies passed through
 * unread. No keys, no limits, no metering, no billing. Takes the upstream's origin as its argument.
 */

const [upstreamOrigin = ''] = process.argv.slice(2)
const pool = new Pool(upstreamOrigin, { connections: 128 })

const server = createServer((request, response) => {
  const { authorization = '', 'content-type': contentType = 'application/json' } = request.headers
  const headers = {
    authorization,
    'content-type': contentType,
    'content-length': request.headers['content-length'] ?? '0',
  }
  pool
    .stream({ path: request.url ?? '/', method: 'POST', headers, body: request }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers)
      return response
    })
    .catch(() => response.destroy())
})

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit(0))
