/** Reads RFC 4180 as a spreadsheet does, quotes, doubled quotes and line ends in cells included. Null = an empty, unquoted cell. */
export function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  let at = 0
  while (at < text.length) {
    const { cell, end } = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    row.push(cell)
    at = end + 1
    if (text[end] === ',') continue
    if (text[end] !== '\n') throw new Error(`a line ends with ${JSON.stringify(text[end])} at ${end}`)
    rows.push(row)
    row = []
  }
  if (row.length > 0) throw new Error('the last line has no end')
  return rows
}

function quotedCell(text: string, start: number): { cell: string; end: number } {
  let cell = ''
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') cell += text[at]
    else if (text[at + 1] === '"') {
      cell += '"'
      at += 1
    } else return { cell, end: at + 1 }
  }
  throw new Error(`a quote at ${start} is not closed`)
}

function plainCell(text: string, start: number): { cell: string | null; end: number } {
  let end = start
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end += 1
  const cell = text.slice(start, end)
  if (/["\r]/.test(cell)) throw new Error(`an unquoted cell holds a quote or a CR at ${start}`)
  return { cell: cell === '' ? null : cell, end }
}
