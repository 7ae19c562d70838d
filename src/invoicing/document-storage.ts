import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import type { S3Driver } from 'flydrive/drivers/s3'

/** Where rendered documents are kept. Every one can be rendered again; storage saves the work. */
export interface DocumentStorage {
  /** Null where there is nothing under this key. */
  read(key: string): Promise<Buffer | null>
  write(key: string, content: Buffer, contentType: string): Promise<void>
  /** In constant memory; null where there is nothing under this key. */
  readStream(key: string): Promise<Readable | null>
  /** In constant memory. What fails in the middle may leave a part under the key in a folder, and nothing in a bucket. */
  writeStream(key: string, content: Readable, contentType: string): Promise<void>
  /** Nothing under this key is fine. */
  remove(key: string): Promise<void>
}

export interface StorageSettings {
  /** A folder, or `s3://bucket` with `?region=` and, for another service than Amazon's, `&endpoint=`. */
  location: string
  /** For S3; null = what the environment of the machine gives. */
  credentials: { accessKeyId: string; secretAccessKey: string } | null
}

export function openDocumentStorage(settings: StorageSettings): DocumentStorage {
  const isBucket = settings.location.startsWith('s3://')
  const local = isBucket ? null : new Disk(folder(settings.location))
  let bucket: Promise<Disk> | null = null
  const open = async (): Promise<Disk> => {
    if (local) return local
    // Amazon's library is large: only who uses a bucket loads it.
    bucket ??= s3(settings).then((driver) => new Disk(driver))
    return bucket
  }
  return {
    async read(key) {
      const disk = await open()
      if (!(await disk.exists(key))) return null
      return Buffer.from(await disk.getBytes(key))
    },
    async write(key, content, contentType) {
      await (await open()).put(key, content, { contentType, contentLength: content.length })
    },
    async readStream(key) {
      const disk = await open()
      return (await disk.exists(key)) ? disk.getStream(key) : null
    },
    async writeStream(key, content, contentType) {
      const disk = await open()
      if (isBucket) await putOfKnownLength(disk, key, content, contentType)
      else await disk.putStream(key, content, { contentType })
    },
    async remove(key) {
      const disk = await open()
      if (await disk.exists(key)) await disk.delete(key)
    },
  }
}

/** S3 wants to know how long an object is before its first byte, so that it first goes to a file here. */
async function putOfKnownLength(disk: Disk, key: string, content: Readable, contentType: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'farebox-upload-'))
  const path = join(directory, 'content')
  try {
    await pipeline(content, createWriteStream(path, { mode: 0o600 }))
    const { size: contentLength } = await stat(path)
    await disk.putStream(key, createReadStream(path), { contentType, contentLength })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Nobody else on the machine may look into a folder of ours. One that is there already stays as its owner made it. */
function folder(location: string): FSDriver {
  const path = resolve(location)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return new FSDriver({ location: path, visibility: 'private' })
}

async function s3({ location, credentials }: StorageSettings): Promise<S3Driver> {
  const { S3Driver } = await import('flydrive/drivers/s3')
  const url = new URL(location)
  const endpoint = url.searchParams.get('endpoint')
  return new S3Driver({
    bucket: url.hostname,
    region: url.searchParams.get('region') ?? 'us-east-1',
    // Other services than Amazon's know neither buckets as host names nor access lists.
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    supportsACL: endpoint === null,
    visibility: 'private',
    ...(credentials && { credentials }),
  })
}
