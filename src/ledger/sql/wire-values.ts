import pg from 'pg'
import { putInt32, type WireBuffer } from './wire-buffer.ts'

/** What a column is given: bytea in hex, a timestamp as milliseconds since the epoch, an enum as its word. */
export type ColumnValue = string | number | bigint | boolean | null | readonly (string | bigint | null)[]

/** Writes a value that is not NULL as its type's receive function reads it: its length, then itself. */
export type Encode = (out: WireBuffer, value: unknown) => void

const { BOOL, BPCHAR, BYTEA, INT2, INT4, INT8, TEXT, TIMESTAMPTZ, UUID } = pg.types.builtins
/** The driver has no names for these; built-in types have the same number in every database. */
const INT8_ARRAY = 1016
const UUID_ARRAY = 2951

/** By the number of a built-in type. An enum, which has a number of its own in each database, is written as text. */
export const ENCODERS: ReadonlyMap<number, Encode> = new Map<number, Encode>([
  [BOOL, bool],
  [BPCHAR, text],
  [BYTEA, bytea],
  [INT2, int2],
  [INT4, int4],
  [INT8, int8],
  [TEXT, text],
  [TIMESTAMPTZ, timestamptz],
  [UUID, uuid],
  [INT8_ARRAY, arrayOf(INT8, int8)],
  [UUID_ARRAY, arrayOf(UUID, uuid)],
])

function bool(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'boolean') throw notA('boolean', value)
  const bytes = out.reserve(5)
  const at = putInt32(bytes, out.at, 1)
  bytes[at] = value ? 1 : 0
  out.at = at + 1
}

function int2(out: WireBuffer, value: unknown): void {
  // Shifted there and back, only what fits comes out the same; the same goes for `| 0` below.
  if (typeof value !== 'number' || (value << 16) >> 16 !== value) throw notA('smallint', value)
  const bytes = out.reserve(6)
  const at = putInt32(bytes, out.at, 2)
  bytes[at] = value >> 8
  bytes[at + 1] = value
  out.at = at + 2
}

function int4(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'number' || (value | 0) !== value) throw notA('integer', value)
  const bytes = out.reserve(8)
  out.at = putInt32(bytes, putInt32(bytes, out.at, 4), value)
}

function int8(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'bigint') throw notA('bigint', value)
  const number = Number(value)
  if (Number.isSafeInteger(number)) safeInt8(out, number)
  else anyInt8(out, value)
}

/** An integer that a number holds exactly, as nearly all amounts are: several times as fast as the way through bigint. */
function safeInt8(out: WireBuffer, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  const bytes = out.reserve(12)
  out.at = putInt32(bytes, putInt32(bytes, putInt32(bytes, out.at, 8), high), value - high * 2 ** 32)
}

function anyInt8(out: WireBuffer, value: bigint): void {
  // The buffer would refuse what does not fit, but without a word about the type.
  if (BigInt.asIntN(64, value) !== value) throw notA('bigint', value)
  const bytes = out.reserve(12)
  out.at = bytes.writeBigInt64BE(value, putInt32(bytes, out.at, 8))
}

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0)

function timestamptz(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'number') throw notA('time', value)
  const sinceMs = Math.trunc(value) - EPOCH_MS
  if (!Number.isSafeInteger(sinceMs)) throw notA('time', value)
  const sinceMicroseconds = sinceMs * 1_000
  if (Number.isSafeInteger(sinceMicroseconds)) safeInt8(out, sinceMicroseconds)
  else anyInt8(out, BigInt(sinceMs) * 1_000n)
}

/**
 * Strings are read by one call that copies them into the buffer, and looked at there. To look at their characters one by one
 * costs a multiple: text comes in more shapes (parsed, joined, cut, shared) than the engine's shortcuts provide for.
 */
export function text(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string') throw notA('text', value)
  // No UTF-16 unit takes more than three bytes of UTF-8.
  const bytes = out.reserve(4 + 3 * value.length)
  const start = out.at + 4
  let length = bytes.write(value, start, 'utf8')
  // PostgreSQL text cannot hold a zero byte, which a client may send in a header; it is left out.
  if (hasZeroByte(bytes, start, start + length)) length = bytes.write(value.replaceAll('\0', ''), start, 'utf8')
  out.at = putInt32(bytes, out.at, length) + length
}

function hasZeroByte(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0) return true
  return false
}

function bytea(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string' || value.length % 2 !== 0) throw notA('text in hex', value)
  const length = value.length / 2
  const bytes = out.reserve(4 + length)
  const at = putInt32(bytes, out.at, length)
  // Stops at the first character that is no hex digit.
  if (bytes.write(value, at, 'hex') !== length) throw notA('text in hex', value)
  out.at = at + length
}

/** The digit that a byte of text stands for, or -1. */
const HEX_DIGIT = new Int8Array(256).fill(-1)
for (let digit = 0; digit < 16; digit += 1) {
  HEX_DIGIT[digit.toString(16).charCodeAt(0)] = digit
  HEX_DIGIT[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

const UUID_LENGTH = 36
/** Where in its text the pairs of digits begin; the hyphens stand between. */
const UUID_PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const HYPHEN = '-'.charCodeAt(0)

/** The text is copied behind the place of the sixteen bytes, then read from there. */
function uuid(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string' || value.length !== UUID_LENGTH) throw notA('uuid', value)
  const bytes = out.reserve(20 + 3 * UUID_LENGTH)
  let at = putInt32(bytes, out.at, 16)
  const copy = at + 16
  // More bytes than characters: some are no hex digits.
  let isUuid = bytes.write(value, copy, 'utf8') === UUID_LENGTH
  for (const hyphen of [8, 13, 18, 23]) isUuid &&= bytes[copy + hyphen] === HYPHEN
  let anyNegative = 0
  for (let pair = 0; pair < 16; pair += 1) {
    const digits = copy + (UUID_PAIRS[pair] as number)
    const byte =
      ((HEX_DIGIT[bytes[digits] as number] as number) << 4) | (HEX_DIGIT[bytes[digits + 1] as number] as number)
    anyNegative |= byte
    bytes[at++] = byte
  }
  if (!isUuid || anyNegative < 0) throw notA('uuid', value)
  out.at = at
}

/** One dimension, counted from one; an empty array has none. */
function arrayOf(elementOid: number, encode: Encode): Encode {
  return (out, value) => {
    if (!Array.isArray(value)) throw notA('array', value)
    const lengthAt = out.at
    const bytes = out.reserve(24)
    let at = putInt32(bytes, lengthAt + 4, value.length > 0 ? 1 : 0)
    at = putInt32(bytes, at, value.includes(null) ? 1 : 0)
    at = putInt32(bytes, at, elementOid)
    if (value.length > 0) at = putInt32(bytes, putInt32(bytes, at, value.length), 1)
    out.at = at
    for (const element of value) nullable(out, encode, element)
    out.endLength(lengthAt)
  }
}

export function nullable(out: WireBuffer, encode: Encode, value: unknown): void {
  if (value === null) {
    const bytes = out.reserve(4)
    out.at = putInt32(bytes, out.at, -1)
  } else {
    encode(out, value)
  }
}

/** Text is not shown: it may be anybody's, and secret. */
function notA(type: string, value: unknown): TypeError {
  const shown = typeof value === 'string' ? `text of ${value.length} characters` : `${String(value)} (${typeof value})`
  return new TypeError(`not a ${type}: ${shown}`)
}
