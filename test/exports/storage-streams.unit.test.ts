import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DocumentStorage, openDocumentStorage } from '../../src/invoicing/document-storage.ts'

const CHUNK = Buffer.from(Array.from({ length: 65_536 }, (_, index) => index % 251))
const CHUNKS = 64
const KEY = 'exports/an account/file.csv'

let directory: string
let server: Server
/** What the bucket holds, by path; each with the length that was announced. */
const objects = new Map<string, { content: Buffer; announced: number }>()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'farebox-storage-'))
  server = createServer(async (request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] as string)
    const { headers, method } = request
    const body = await buffer(request)
    if (method === 'PUT') {
      const announced = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length'])
      objects.set(path, { content: headers['x-amz-decoded-content-length'] ? decoded(body) : body, announced })
      response.writeHead(200, { etag: '"1"' }).end()
      return
    }
    if (method === 'DELETE') objects.delete(path)
    const found = objects.get(path)
    if (!found) {
      response.writeHead(method === 'DELETE' ? 204 : 404).end()
      return
    }
    response.writeHead(200, { 'content-length': found.content.length })
    response.end(method === 'HEAD' ? undefined : found.content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(directory, { recursive: true, force: true })
})

/** An upload in chunks that each name their length. */
function decoded(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.subarray(at, end).toString(), 16)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(body.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
}

const places: [string, () => DocumentStorage][] = [
  ['a folder', () => openDocumentStorage({ location: directory, credentials: null })],
  [
    'a bucket',
    () => {
      const endpoint = encodeURIComponent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
      return openDocumentStorage({ location: `s3://documents?region=eu-central-1&endpoint=${endpoint}`, credentials })
    },
  ],
]

async function* chunks(failAfter = CHUNKS): AsyncGenerator<Buffer> {
  for (let count = 0; count < CHUNKS; count += 1) {
    if (count === failAfter) throw new Error('the source is gone')
    yield CHUNK
  }
}
const stream = (failAfter?: number) => Readable.from(chunks(failAfter), { objectMode: false })
const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('farebox-upload-'))

describe.each(places)('%s', (_name, open) => {
  test('gives back, as a stream, what a stream of unknown length has written, byte for byte', async () => {
    await open().writeStream(KEY, stream(), 'text/csv')
    const content = await open().readStream(KEY)
    expect(content && (await buffer(content)).equals(Buffer.concat(Array(CHUNKS).fill(CHUNK)))).toBe(true)
  })

  test('forgets what is removed, and nothing under a key is null and no error', async () => {
    await open().writeStream(KEY, stream(), 'text/csv')
    await open().remove(KEY)
    expect(await open().readStream(KEY)).toBeNull()
    await open().remove(KEY)
  })

  test('says so when the source fails in the middle, and keeps no copy of its own', async () => {
    const before = await leftovers()
    await expect(open().writeStream('exports/an account/broken.csv', stream(3), 'text/csv')).rejects.toThrow()
    expect(await leftovers()).toEqual(before)
  })
})

test('a bucket is told the length beforehand, and never gets a part of a file', async () => {
  const [, [, open]] = places as [unknown, (typeof places)[number]]
  await open().writeStream(KEY, stream(), 'text/csv')
  expect(objects.get(`/documents/${KEY}`)?.announced).toBe(CHUNK.length * CHUNKS)
  expect([...objects.keys()]).not.toContain('/documents/exports/an account/broken.csv')
})
