const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** One member of a JSON object, by the bytes its value stands in. */
export interface Member {
  key: string
  valueStart: number
  valueEnd: number
}

/**
 * The members of the outermost object of a JSON text that is known to be valid, without parsing their values: so that
 * a single value can be replaced in place, and a key that stands twice is seen (`JSON.parse` keeps the last one, and
 * nobody knows which one the provider keeps). Offsets are bytes from the start of `json`.
 */
export function topLevelMembers(json: Buffer): Member[] {
  const members: Member[] = []
  let at = skipTo(json, 0, OPEN_BRACE) + 1
  for (;;) {
    at = skipSpace(json, at)
    if (at >= json.length || json[at] === CLOSE_BRACE) return members
    if (json[at] === COMMA) {
      at += 1
      continue
    }
    const keyEnd = endOfString(json, at)
    const key = keyAt(json, at, keyEnd)
    const valueStart = skipSpace(json, skipTo(json, keyEnd, COLON) + 1)
    const valueEnd = endOfValue(json, valueStart)
    members.push({ key, valueStart, valueEnd })
    at = valueEnd
  }
}

/** A key may be written with escapes; two spellings of one key are one key. */
function keyAt(json: Buffer, start: number, end: number): string {
  const written = json.toString('utf8', start + 1, end - 1)
  return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
}

function endOfValue(json: Buffer, start: number): number {
  const first = json[start]
  if (first === QUOTE) return endOfString(json, start)
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(json, start)
  let at = start
  while (at < json.length) {
    const byte = json[at] as number
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte <= 0x20) break
    at += 1
  }
  return at
}

function endOfNested(json: Buffer, start: number): number {
  let depth = 0
  let at = start
  while (at < json.length) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1
    at += 1
    if (depth === 0) return at
  }
  return at
}

/** The offset after the closing quote of the string that opens at `start`. */
function endOfString(json: Buffer, start: number): number {
  let from = start + 1
  for (;;) {
    const quote = json.indexOf(QUOTE, from)
    if (quote === -1) return json.length
    let backslashes = 0
    while (json[quote - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
    from = quote + 1
  }
}

function skipSpace(json: Buffer, start: number): number {
  let at = start
  while (at < json.length && (json[at] as number) <= 0x20) at += 1
  return at
}

function skipTo(json: Buffer, start: number, byte: number): number {
  const at = json.indexOf(byte, start)
  return at === -1 ? json.length : at
}

/** A replacement of bytes; `start === end` inserts. */
export interface Edit {
  start: number
  end: number
  text: string
}

/** The bytes with the edits made: one copy, everything else untouched. */
export function applyEdits(json: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return json
  const ordered = edits.length === 1 ? edits : edits.toSorted((left, right) => left.start - right.start)
  let length = json.length
  for (const edit of ordered) length += Buffer.byteLength(edit.text) - (edit.end - edit.start)
  const edited = Buffer.allocUnsafe(length)
  let from = 0
  let at = 0
  for (const edit of ordered) {
    at += json.copy(edited, at, from, edit.start)
    at += edited.write(edit.text, at)
    from = edit.end
  }
  json.copy(edited, at, from)
  return edited
}
