import type { Ratio, Row } from './bench.ts'

/** Rows as an aligned text table, numbers to the right. */
export function formatTable(rows: Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column])))
  const widths = columns.map((column, index) => Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)))
  const isNumeric = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'))
  const line = (row: string[]) =>
    row
      .map((cell, index) => (isNumeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n')
}

/** Ratios side by side: one line for each pair in each circumstance, one column for each figure. */
export function formatRatios(ratios: Ratio[]): string {
  const figures = new Set(ratios.map(({ figure }) => figure))
  const lines = new Map<string, Row>()
  for (const { what, figure, of, to, value } of ratios) {
    const key = `${what}|${of}|${to}`
    const blank = Object.fromEntries([...figures].map((name) => [name, null]))
    const line = lines.get(key) ?? { what, ratio: `${of} / ${to}`, ...blank }
    lines.set(key, { ...line, [figure]: value })
  }
  return formatTable([...lines.values()])
}

function formatCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 3 }) : value
}
