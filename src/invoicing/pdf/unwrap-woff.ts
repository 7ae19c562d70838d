import { inflateSync } from 'node:zlib'

// https://www.w3.org/TR/WOFF/: a header, then one record a table; sfnt has the same with smaller ones.
const WOFF_SIGNATURE = 'wOFF'
const WOFF_HEADER = 44
const WOFF_RECORD = 20
const SFNT_HEADER = 12
const SFNT_RECORD = 16

/** The font inside a WOFF file; any other file as it is. fontkit would unpack a table of it anew for each glyph. */
export function unwrapWoff(file: Buffer): Buffer {
  if (file.toString('latin1', 0, 4) !== WOFF_SIGNATURE) return file
  const count = file.readUInt16BE(12)
  const header = Buffer.alloc(SFNT_HEADER + count * SFNT_RECORD)
  file.copy(header, 0, 4, 8) // which kind of outlines
  const power = 2 ** Math.floor(Math.log2(count))
  header.writeUInt16BE(count, 4)
  header.writeUInt16BE(power * 16, 6)
  header.writeUInt16BE(Math.log2(power), 8)
  header.writeUInt16BE((count - power) * 16, 10)
  const parts: Buffer[] = [header]
  let offset = header.length
  for (let index = 0; index < count; index += 1) {
    const table = tableAt(file, WOFF_HEADER + index * WOFF_RECORD)
    const record = SFNT_HEADER + index * SFNT_RECORD
    header.write(table.tag, record, 'latin1')
    header.writeUInt32BE(table.checksum, record + 4)
    header.writeUInt32BE(offset, record + 8)
    header.writeUInt32BE(table.data.length, record + 12)
    const padding = Buffer.alloc((4 - (table.data.length % 4)) % 4)
    parts.push(table.data, padding)
    offset += table.data.length + padding.length
  }
  return Buffer.concat(parts)
}

function tableAt(file: Buffer, record: number): { tag: string; checksum: number; data: Buffer } {
  const start = file.readUInt32BE(record + 4)
  const storedLength = file.readUInt32BE(record + 8)
  const length = file.readUInt32BE(record + 12)
  const stored = file.subarray(start, start + storedLength)
  return {
    tag: file.toString('latin1', record, record + 4),
    checksum: file.readUInt32BE(record + 16),
    data: storedLength < length ? inflateSync(stored, { maxOutputLength: length }) : stored,
  }
}
