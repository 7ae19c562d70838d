import { resolve } from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { S3Driver } from 'flydrive/drivers/s3'

/** Where rendered documents are kept. Every one can be rendered again; storage saves the work. */
export interface DocumentStorage {
  /** Null where there is nothing under this key. */
  read(key: string): Promise<Buffer | null>
  write(key: string, content: Buffer, contentType: string): Promise<void>
}

export interface StorageSettings {
  /** A folder, or `s3://bucket` with `?region=` and, for another service than Amazon's, `&endpoint=`. */
  location: string
  /** For S3; null = what the environment of the machine gives. */
  credentials: { accessKeyId: string; secretAccessKey: string } | null
}

export function openDocumentStorage(settings: StorageSettings): DocumentStorage {
  const disk = new Disk(settings.location.startsWith('s3://') ? s3(settings) : folder(settings.location))
  return {
    async read(key) {
      if (!(await disk.exists(key))) return null
      return Buffer.from(await disk.getBytes(key))
    },
    write: (key, content, contentType) => disk.put(key, content, { contentType, contentLength: content.length }),
  }
}

function folder(location: string): FSDriver {
  return new FSDriver({ location: resolve(location), visibility: 'private' })
}

function s3({ location, credentials }: StorageSettings): S3Driver {
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
