import pg from 'pg'
import type { WireBuffer } from './wire-buffer.ts'

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
  out.reserve(5)
  out.int32(1)
  out.bytes[out.at++] = value ? 1 : 0
}

function int2(out: WireBuffer, value: unknown): void {
  // Shifted there and back, only what fits comes out the same; the same goes for `| 0` below.
  if (typeof value !== 'number' || (value << 16) >> 16 !== value) throw notA('smallint', value)
  out.reserve(6)
  out.int32(2)
  out.view.setInt16(out.at, value)
  out.at += 2
}

function int4(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'number' || (value | 0) !== value) throw notA('integer', value)
  out.reserve(8)
  out.int32(4)
  out.int32(value)
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
  out.reserve(12)
  out.int32(8)
  out.int32(high)
  out.view.setUint32(out.at, value - high * 2 ** 32)
  out.at += 4
}

function anyInt8(out: WireBuffer, value: bigint): void {
  // The view would cut off what does not fit.
  if (BigInt.asIntN(64, value) !== value) throw notA('bigint', value)
  out.reserve(12)
  out.int32(8)
  out.view.setBigInt64(out.at, value)
  out.at += 8
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

/** Up to here a loop beats the call out of JavaScript. */
const SHORT_TEXT_MAX = 40

export function text(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string') throw notA('text', value)
  // No UTF-16 unit takes more than three bytes of UTF-8.
  out.reserve(4 + 3 * value.length)
  const start = out.at + 4
  const isWritten = value.length <= SHORT_TEXT_MAX && writeAscii(out.bytes, start, value)
  const length = isWritten ? value.length : out.bytes.write(withoutZeroBytes(value), start, 'utf8')
  out.int32(length)
  out.at += length
}

/** False when the text has anything else in it; what was written by then is written over. */
function writeAscii(bytes: Buffer, start: number, value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === 0 || code > 127) return false
    bytes[start + index] = code
  }
  return true
}

/** PostgreSQL text cannot hold a zero byte, which a client may send in a header; it is left out. */
function withoutZeroBytes(value: string): string {
  return value.includes('\0') ? value.replaceAll('\0', '') : value
}

/** The digit that a UTF-16 unit stands for, or -1. A place for every unit there is, so that none falls outside. */
const HEX_DIGIT = new Int8Array(65_536).fill(-1)
for (let digit = 0; digit < 16; digit += 1) {
  HEX_DIGIT[digit.toString(16).charCodeAt(0)] = digit
  HEX_DIGIT[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** The byte that two hex digits stand for; negative when one of them is none. */
function hexByte(value: string, index: number): number {
  return ((HEX_DIGIT[value.charCodeAt(index)] as number) << 4) | (HEX_DIGIT[value.charCodeAt(index + 1)] as number)
}

function bytea(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string' || value.length % 2 !== 0) throw notA('text in hex', value)
  out.reserve(4 + value.length / 2)
  out.int32(value.length / 2)
  for (let index = 0; index < value.length; index += 2) {
    const byte = hexByte(value, index)
    if (byte < 0) throw notA('text in hex', value)
    out.bytes[out.at++] = byte
  }
}

/** Where the bytes of a UUID stand in its text, and where its hyphens. */
const UUID_BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const UUID_HYPHENS = [8, 13, 18, 23]
const HYPHEN = '-'.charCodeAt(0)

function uuid(out: WireBuffer, value: unknown): void {
  if (typeof value !== 'string' || value.length !== 36) throw notA('uuid', value)
  for (const index of UUID_HYPHENS) if (value.charCodeAt(index) !== HYPHEN) throw notA('uuid', value)
  out.reserve(20)
  out.int32(16)
  for (const index of UUID_BYTES) {
    const byte = hexByte(value, index)
    if (byte < 0) throw notA('uuid', value)
    out.bytes[out.at++] = byte
  }
}

/** One dimension, counted from one; an empty array has none. */
function arrayOf(elementOid: number, encode: Encode): Encode {
  return (out, value) => {
    if (!Array.isArray(value)) throw notA('array', value)
    const lengthAt = out.at
    out.reserve(24)
    out.at += 4
    out.int32(value.length > 0 ? 1 : 0)
    out.int32(value.includes(null) ? 1 : 0)
    out.int32(elementOid)
    if (value.length > 0) {
      out.int32(value.length)
      out.int32(1)
    }
    for (const element of value) nullable(out, encode, element)
    out.endLength(lengthAt)
  }
}

export function nullable(out: WireBuffer, encode: Encode, value: unknown): void {
  if (value === null) {
    out.reserve(4)
    out.int32(-1)
  } else {
    encode(out, value)
  }
}

/** Text is not shown: it may be anybody's, and secret. */
function notA(type: string, value: unknown): TypeError {
  const shown = typeof value === 'string' ? `text of ${value.length} characters` : `${String(value)} (${typeof value})`
  return new TypeError(`not a ${type}: ${shown}`)
}
