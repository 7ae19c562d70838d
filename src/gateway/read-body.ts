import type { IncomingMessage } from 'node:http'
import { GatewayError } from './gateway-error.ts'

/** A million tokens of text and a few dozen images fit. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024

/**
 * The request's body as it came: one buffer, not yet parsed.
 * @throws GatewayError `body_too_large` as soon as that is known.
 */
export function readBody(request: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) {
        request.removeAllListeners('data')
        request.resume()
        reject(tooLarge(bytesMax))
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length)))
    request.on('error', () => reject(new GatewayError('invalid_request', 'The body broke off.')))
  })
}

function tooLarge(bytesMax: number): GatewayError {
  return new GatewayError(
    'body_too_large',
    `The body is larger than ${bytesMax / 1024 / 1024} MiB, the most that is accepted.`,
  )
}
