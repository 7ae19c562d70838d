import { hash } from 'node:crypto'
import type { Pool } from 'pg'
import type { DocumentStorage } from '../invoicing/document-storage.ts'
import { readAdjustment } from './adjustment.ts'
import { AdjustmentError, adjustmentNotFound } from './adjustment-error.ts'

/** A scanned letter or a mail with pictures is smaller; what is larger is looked at somewhere else. */
export const ATTACHMENT_BYTES_MAX = 5 * 1024 * 1024

export const ATTACHMENT_TYPES = [
  'application/pdf',
  'image/png',
  'image/jpeg',
  'text/plain',
  'text/csv',
  'message/rfc822',
] as const
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number]

export interface Attachment {
  name: string
  type: AttachmentType
  bytes: Uint8Array
}

/** Where a file was kept, and what proves that it is the same. */
export interface KeptAttachment {
  name: string
  type: AttachmentType
  key: string
  /** In hex. */
  sha256: string
}

const ENDINGS: Readonly<Record<AttachmentType, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'message/rfc822': 'eml',
}

/** The first bytes of a file, by its type (ISO 32000-1, 7.5.2; RFC 2083, 3.1; ITU-T T.81, B.1.1.3). */
const MAGIC: Readonly<Partial<Record<AttachmentType, readonly number[]>>> = {
  'application/pdf': [0x25, 0x50, 0x44, 0x46, 0x2d],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff],
}

/** Of the control characters of ASCII, those that texts have: tab, line feed, form feed, carriage return. */
const TEXT_CONTROLS = [0x09, 0x0a, 0x0c, 0x0d]
/** A mail begins with a field of its header (RFC 5322, 2.2), or with the line that mail folders put before it. */
const MAIL_BEGINS = /^(?:From [^\r\n]*\r?\n)?[!-9;-~]+[ \t]*:/

/**
 * Checks that a file is what it says it is, by its content.
 * @throws AdjustmentError `attachment_not_accepted`
 */
export function checkAttachment({ type, bytes }: Attachment): void {
  if (bytes.length === 0) throw notAccepted('The file is empty.')
  if (bytes.length > ATTACHMENT_BYTES_MAX) throw notAccepted('The file must have at most 5 MiB.')
  const magic = MAGIC[type]
  const isWhatItSays = magic ? magic.every((byte, index) => bytes[index] === byte) : isText(type, bytes)
  if (!isWhatItSays) throw notAccepted(`The content of the file is not ${ENDINGS[type]}.`)
}

function isText(type: AttachmentType, bytes: Uint8Array): boolean {
  // Old mails come in the encoding of their time; whatever it was, each byte is a character of this one.
  const text = type === 'message/rfc822' ? Buffer.from(bytes).toString('latin1') : decoded(bytes)
  if (text === null || bytes.some(isControl)) return false
  return type !== 'message/rfc822' || MAIL_BEGINS.test(text)
}

function isControl(byte: number): boolean {
  return byte < 0x20 ? !TEXT_CONTROLS.includes(byte) : byte === 0x7f
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/**
 * Keeps a file under a key made of its content: the same file again is the same object, and nothing is written over.
 * Done before the row that names it.
 */
export async function keepAttachment(
  storage: DocumentStorage,
  accountId: string,
  { name, type, bytes }: Attachment,
): Promise<KeptAttachment> {
  const sha256 = hash('sha256', bytes, 'hex')
  const key = `adjustments/${accountId}/${sha256}.${ENDINGS[type]}`
  await storage.write(key, Buffer.from(bytes), type)
  return { name, type, key, sha256 }
}

/**
 * The file of an adjustment as it was handed in. Who may see it, the caller has decided.
 * @throws AdjustmentError `adjustment_not_found`, also where it has none; Error where the storage has lost or changed it
 */
export async function readAttachment(
  { pool, storage }: { pool: Pool; storage: DocumentStorage },
  adjustmentId: string,
): Promise<{ name: string; type: string; content: Buffer }> {
  const adjustment = await readAdjustment(pool, adjustmentId)
  const { attachmentKey: key, attachmentName: name, attachmentType: type, attachmentSha256 } = adjustment ?? {}
  if (!key || !name || !type) throw adjustmentNotFound()
  const content = await storage.read(key)
  if (!content) throw new Error(`the attachment of adjustment ${adjustmentId} is not in the storage`)
  if (hash('sha256', content, 'hex') !== attachmentSha256) {
    throw new Error(`the attachment of adjustment ${adjustmentId} is not the one that was handed in`)
  }
  return { name, type, content }
}

function notAccepted(sentence: string): AdjustmentError {
  return new AdjustmentError('attachment_not_accepted', sentence, 'attachment')
}
