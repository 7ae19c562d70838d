import { createHmac, hash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { documentFile } from '../../src/invoicing/document-file.ts'
import { type DocumentStorage, openDocumentStorage } from '../../src/invoicing/document-storage.ts'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { buy } from '../orders/money-in-calls.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret that is never sent' }
/** All bytes there are, so that nothing on the way takes them for text. */
const BYTES = Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 256))
const KEY = 'a seller/2026/document.pdf'

interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
}

/** A service that keeps objects as S3 does: path style, by PUT, GET and HEAD. */
interface ObjectServer {
  url: string
  objects: Map<string, { content: Buffer; contentType: string }>
  asked: Asked[]
  close(): Promise<void>
}

async function startObjectServer(): Promise<ObjectServer> {
  const objects: ObjectServer['objects'] = new Map()
  const asked: Asked[] = []
  const server: Server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = '', headers, url = '' } = incoming
    const path = decodeURIComponent(url.split('?')[0] as string)
    asked.push({ method, path, headers })
    if (!isSignedByUs(method, url, headers)) return refuse(outgoing, 403, 'SignatureDoesNotMatch')
    answer(outgoing, method, path, headers, Buffer.concat(chunks))
  })
  const answer = (
    outgoing: ServerResponse,
    method: string,
    path: string,
    headers: IncomingMessage['headers'],
    body: Buffer,
  ) => {
    if (method === 'PUT') {
      objects.set(path, { content: contentOf(headers, body), contentType: headers['content-type'] ?? '' })
      outgoing.writeHead(200, { etag: '"1"' }).end()
      return
    }
    const found = objects.get(path)
    if (!found) return refuse(outgoing, 404, 'NoSuchKey')
    const { content, contentType } = found
    outgoing.writeHead(200, { 'content-type': contentType, 'content-length': content.length })
    outgoing.end(method === 'HEAD' ? undefined : content)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ objects, asked },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Computes the signature anew, as "Signature Version 4" has it for S3, with the secret that both sides know. */
function isSignedByUs(method: string, url: string, headers: IncomingMessage['headers']): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/((\d+)\/([^/]+)\/s3\/aws4_request), SignedHeaders=(\S+), Signature=(\S+)$/
  const [, accessKeyId, scope = '', day = '', region = '', names = '', signature] =
    form.exec(headers.authorization ?? '') ?? []
  if (accessKeyId !== CREDENTIALS.accessKeyId) return false
  const [path, query = ''] = url.split('?')
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const sortedQuery = query.split('&').sort().join('&')
  const content = headers['x-amz-content-sha256']
  const canonical = [method, path, sortedQuery, lines.join(''), names, content].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash('sha256', canonical)].join('\n')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const keys = [day, region, 's3', 'aws4_request']
  const key = keys.reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`)
  return hmac(key, toSign).toString('hex') === signature
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml' })
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
}

/** An upload may come in chunks that each name their length, with the checksum behind them. */
function contentOf(headers: IncomingMessage['headers'], body: Buffer): Buffer {
  if (!headers['content-encoding']?.includes('aws-chunked')) return body
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.subarray(at, end).toString(), 16)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(body.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
}

let service: ObjectServer
let directory: string

beforeAll(async () => {
  service = await startObjectServer()
  directory = await mkdtemp(join(tmpdir(), 'farebox-documents-'))
})
afterAll(async () => {
  await service.close()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  service.asked.length = 0
})

const inBucket = (bucket = 'documents', credentials = CREDENTIALS): DocumentStorage =>
  openDocumentStorage({
    location: `s3://${bucket}?region=eu-central-1&endpoint=${encodeURIComponent(service.url)}`,
    credentials,
  })

describe('a folder', () => {
  const open = () => openDocumentStorage({ location: directory, credentials: null })

  test('what was written is there for the next process, byte for byte', async () => {
    await open().write(KEY, BYTES, 'application/pdf')
    expect((await open().read(KEY))?.equals(BYTES)).toBe(true)
    expect((await readFile(join(directory, KEY))).equals(BYTES)).toBe(true)
  })

  test('nothing under a key is null, and no error', async () => {
    expect(await open().read('a seller/2026/nothing.pdf')).toBeNull()
  })

  test('nobody else on the machine can look into it', async () => {
    const location = join(directory, 'made', 'by us')
    await openDocumentStorage({ location, credentials: null }).write(KEY, BYTES, 'application/pdf')
    expect((await stat(location)).mode & 0o777).toBe(0o700)
  })

  test('no key leads out of the folder', async () => {
    await expect(open().write('../outside.pdf', BYTES, 'application/pdf')).rejects.toThrow()
    await expect(open().read('../../etc/passwd')).rejects.toThrow()
  })
})

describe('a bucket', () => {
  test('what was written is there for the next process, byte for byte and under its type', async () => {
    await inBucket().write(KEY, BYTES, 'application/pdf')
    expect(service.objects.get(`/documents/${KEY}`)?.contentType).toBe('application/pdf')
    expect(service.objects.get(`/documents/${KEY}`)?.content.equals(BYTES)).toBe(true)
    expect((await inBucket().read(KEY))?.equals(BYTES)).toBe(true)
  })

  test('every request names the bucket in its path and is signed; the secret is never sent', async () => {
    await inBucket().write(KEY, BYTES, 'application/pdf')
    await inBucket().read(KEY)
    expect(service.asked.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'GET'])
    for (const { path, headers } of service.asked) {
      expect(path).toBe(`/documents/${KEY}`)
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/,
      )
      expect(JSON.stringify(headers)).not.toContain(CREDENTIALS.secretAccessKey)
    }
  })

  test('no access list is sent to a service that knows none: the bucket itself is private', async () => {
    await inBucket().write(KEY, BYTES, 'application/pdf')
    expect(service.asked.map(({ headers }) => headers['x-amz-acl'])).toEqual([undefined])
  })

  test('nothing under a key is null, and no error', async () => {
    expect(await inBucket().read('a seller/2026/nothing.pdf')).toBeNull()
  })

  test.each([
    ['key', { ...CREDENTIALS, accessKeyId: 'STRANGER' }],
    ['secret', { ...CREDENTIALS, secretAccessKey: 'another secret' }],
  ])('a request signed with another %s is refused, which is an error and no absent document', async (_name, other) => {
    await inBucket().write(KEY, BYTES, 'application/pdf')
    const stranger = inBucket('documents', other)
    await expect(stranger.read(KEY)).rejects.toThrow()
    await expect(stranger.write(KEY, Buffer.from('forged'), 'application/pdf')).rejects.toThrow()
    expect(service.objects.get(`/documents/${KEY}`)?.content.equals(BYTES)).toBe(true)
  })
})

describe('documents in a bucket', () => {
  let farebox: Farebox
  let documentId: string

  beforeAll(async () => {
    farebox = await startFarebox({ stripe: true })
    await writeSeller(farebox.pool, farebox.clock, null, {
      legalName: 'Farebox Operations GmbH',
      address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
      vatId: 'DE136695976',
      email: 'billing@farebox.example',
      timeZone: 'Europe/Berlin',
    })
    const orderId = await buy(farebox, await farebox.customer({ creditNano: 0n }), 1_000)
    const [row] = await farebox.rows<{ id: string }>('SELECT id FROM tax_document WHERE order_id = $1', orderId)
    documentId = row?.id as string
  })
  afterAll(() => farebox.close())

  const download = async () => {
    const { pool, clock } = farebox
    return hash(
      'sha256',
      (await documentFile({ pool, clock, storage: inBucket('invoices') }, documentId, 'pdf', null)).content,
    )
  }
  const stored = () => [...service.objects].filter(([path]) => path.startsWith('/invoices/'))

  test('an object that was lost is rendered again with the same hash and put back; one that is there is not', async () => {
    const first = await download()
    const [[path, object] = ['', null]] = stored()
    expect(object && hash('sha256', object.content)).toBe(first)
    service.objects.delete(path)
    expect(await download()).toBe(first)
    expect(stored().map(([again, { content }]) => [again, hash('sha256', content)])).toEqual([[path, first]])
    service.asked.length = 0
    expect(await download()).toBe(first)
    expect(service.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  })

  test('an object that was changed is not served, but replaced', async () => {
    const first = await download()
    const [[path] = ['']] = stored()
    service.objects.set(path, { content: Buffer.from('somebody else’s invoice'), contentType: 'application/pdf' })
    expect(await download()).toBe(first)
    expect(hash('sha256', service.objects.get(path)?.content as Buffer)).toBe(first)
  })
})
