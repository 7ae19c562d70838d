import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent, writePrivate } from './lib/private-file.ts'

const SECRET_BYTES = 32

/** The secret that provider credentials are sealed with: the configured one, else one made once for this data directory. */
export async function platformSecret(configured: string | null, dataDirectory: string): Promise<string> {
  if (configured !== null) return configured
  const path = join(dataDirectory, 'secret')
  const kept = await readIfPresent(path)
  if (kept !== null) return kept.trim()
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  await writePrivate(path, `${secret}\n`)
  return secret
}
