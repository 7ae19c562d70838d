import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import type { Logger } from '../../lib/logger.ts'

/** Sends a stream. Once its head is out, what fails can only end the connection: a reader that left is no error of ours. */
export async function sendFile(response: Response, content: Readable, logger: Logger): Promise<void> {
  try {
    await pipeline(content, response)
  } catch (error) {
    if (!response.headersSent) throw error
    logger.info({ err: error }, 'a download ended early')
  }
}

/** What stands before a file that is somebody's own. */
export function fileHeaders(contentType: string, name: string): Record<string, string> {
  return {
    'content-type': contentType,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  }
}
