import { inflateSync } from 'node:zlib'

/**
 * The words of a PDF as a reader would copy them: each stretch of text on a line of its own. It knows only what our own
 * documents contain: compressed streams, and fonts of two-byte codes with a table to Unicode.
 */
export function textOfPdf(pdf: Buffer): string {
  const objects = objectsOf(pdf)
  const tables = new Map<string, Map<string, string>>()
  for (const { head } of objects.values()) {
    for (const [, name = '', font = ''] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font)?.head ?? '')?.[1]
      if (unicode) tables.set(name, tableOf(objects.get(unicode)?.stream ?? ''))
    }
  }
  const pages = [...objects.values()].map(({ stream }) => stream).filter((stream) => stream.includes('BT\n'))
  return pages.map((page) => textOfPage(page, tables)).join('\n')
}

function objectsOf(pdf: Buffer): Map<string, { head: string; stream: string }> {
  const text = pdf.toString('latin1')
  const objects = [...text.matchAll(/^(\d+) 0 obj\n([\s\S]*?)\nendobj$/gm)]
  return new Map(
    objects.map(([, number = '', body = '']) => {
      const [head = '', rest = ''] = body.split('\nstream\n')
      const stream = rest.slice(0, rest.lastIndexOf('\nendstream'))
      const isText = head.includes('/FlateDecode') && !head.includes('/Subtype')
      return [number, { head, stream: isText ? inflateSync(Buffer.from(stream, 'latin1')).toString('latin1') : '' }]
    }),
  )
}

/** `<first> <last> [<unicode> …]`: the glyphs from the first on, as UTF-16. */
function tableOf(map: string): Map<string, string> {
  const table = new Map<string, string>()
  for (const [, first = '', list = ''] of map.matchAll(/<(\w+)> <\w+> \[([^\]]*)\]/g)) {
    for (const [index, [, unicode = '']] of [...list.matchAll(/<([\w ]*)>/g)].entries()) {
      const glyph = (Number.parseInt(first, 16) + index).toString(16).padStart(4, '0')
      table.set(glyph, Buffer.from(unicode.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'))
    }
  }
  return table
}

function textOfPage(page: string, tables: ReadonlyMap<string, Map<string, string>>): string {
  let table = new Map<string, string>()
  const lines: string[] = []
  for (const [, font, shown = ''] of page.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (font) table = tables.get(font) ?? new Map()
    else lines.push([...shown.matchAll(/<(\w+)>/g)].flatMap(([, hex = '']) => glyphsOf(hex, table)).join(''))
  }
  return lines.join('\n')
}

function glyphsOf(hex: string, table: ReadonlyMap<string, string>): string[] {
  return (hex.match(/.{4}/g) ?? []).map((glyph) => table.get(glyph.toLowerCase()) ?? '\ufffd')
}
