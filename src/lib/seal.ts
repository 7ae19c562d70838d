import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'

/**
 * Layout of a sealed value: version (1 byte) ‖ nonce (12) ‖ authentication tag (16) ‖ ciphertext.
 * The version is authenticated too, so that a later version can change everything after it.
 */
const VERSION = 1
const CIPHER = 'aes-256-gcm'
/** NIST SP 800-38D: 96-bit nonces may be random up to 2^32 values under one key. We seal a handful. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/**
 * scrypt rather than HKDF, as the secret is whatever string somebody typed. The salt is fixed: it separates this use of
 * the secret from others, and a key may be derived once a process rather than once a value.
 */
const SALT = 'farebox/seal/1'
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** Derived keys by secret. A process has one secret, two during a rotation; more than a few would be a leak. */
const keys = new Map<string, Buffer>()
const KEYS_MAX = 4

/** A sealed value that cannot be opened: another secret, or bytes that were changed or cut. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}

/** Encrypts and authenticates a text under `FAREBOX_SECRET`. Two seals of one text differ. */
export function seal(secret: string, plain: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const version = Buffer.of(VERSION)
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce, { authTagLength: TAG_BYTES }).setAAD(version)
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([version, nonce, cipher.getAuthTag(), ciphertext])
}

/** The text that was sealed. Throws `SealBroken` for anything but an untouched value sealed with the same secret. */
export function open(secret: string, sealed: Uint8Array): string {
  if (sealed.length < HEADER_BYTES || sealed[0] !== VERSION) {
    throw new SealBroken('This is not a value sealed by this version of Farebox.')
  }
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const tag = sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES)
  const decipher = createDecipheriv(CIPHER, keyOf(secret), nonce, { authTagLength: TAG_BYTES })
    .setAAD(sealed.subarray(0, 1))
    .setAuthTag(tag)
  const plain = decipher.update(sealed.subarray(HEADER_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new SealBroken('A sealed value was changed, or was sealed with another FAREBOX_SECRET.', { cause })
  }
}

function keyOf(secret: string): Buffer {
  if (secret === '') throw new RangeError('Expected a secret that is not empty.')
  let key = keys.get(secret)
  if (key === undefined) {
    key = scryptSync(secret, SALT, KEY_BYTES, SCRYPT)
    if (keys.size >= KEYS_MAX) keys.clear()
    keys.set(secret, key)
  }
  return key
}
