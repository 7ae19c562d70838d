type Plain = string | number | bigint | boolean | null

/**
 * PostgreSQL array literals (manual, section 8.15.2), written straight as text: the driver's own array encoder quotes
 * and escapes every element, which the spend path's ids and figures never need.
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

/** An array of arbitrary text: every element is quoted, backslashes and quotes are escaped. */
export function textArray(values: readonly (string | null)[]): string {
  const elements = values.map((value) => (value === null ? 'NULL' : quoted(value)))
  return `{${elements.join(',')}}`
}

/** PostgreSQL text cannot hold a zero byte; a client may send one in a header. */
function quoted(value: string): string {
  return `"${value.replaceAll('\0', '').replace(/["\\]/g, '\\$&')}"`
}
