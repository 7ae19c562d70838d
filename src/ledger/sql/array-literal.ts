type Plain = string | number | bigint | boolean | null

/**
 * A PostgreSQL array literal (manual, 8.15.2) of values that never need quoting: ids, figures, words of an enum.
 * Written straight as text, because the driver's own encoder quotes and escapes every element.
 */
export function plainArray(values: readonly Plain[]): string {
  let text = '{'
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ','
    const value = values[index]
    text += value === null ? 'NULL' : value
  }
  return `${text}}`
}
