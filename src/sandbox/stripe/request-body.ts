import type { IncomingMessage } from 'node:http'

/** In bytes: far above any call or form that is meant. */
const BODY_MAX = 1_000_000

/** The body as text; null where it is larger than the sandbox accepts. Rejects where the client goes away. */
export function readRequestBody(request: IncomingMessage): Promise<string | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return Promise.resolve('')
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length <= BODY_MAX) pieces.push(piece)
    })
    request.on('end', () => resolve(length <= BODY_MAX ? Buffer.concat(pieces).toString('utf8') : null))
    request.on('error', reject)
  })
}
