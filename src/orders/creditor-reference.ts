const MODULUS = 97n
const PREFIX = 'FB'
/** Readable in groups of four: RF18 FB00 0000 42. */
const DIGITS = 8

/**
 * A structured creditor reference (ISO 11649): `RF`, two check digits, and our own part. Banks refuse one that was
 * mistyped, and the statement brings it back unchanged.
 */
export function creditorReference(orderNumber: bigint): string {
  const own = `${PREFIX}${orderNumber.toString().padStart(DIGITS, '0')}`
  const check = MODULUS + 1n - (asNumber(`${own}RF00`) % MODULUS)
  return `RF${check.toString().padStart(2, '0')}${own}`
}

/** Whether the check digits fit; spaces and case do not matter. */
export function isCreditorReference(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase()
  if (!/^RF\d{2}[A-Z0-9]{1,21}$/.test(compact)) return false
  return asNumber(`${compact.slice(4)}${compact.slice(0, 4)}`) % MODULUS === 1n
}

/** In groups of four, as it is printed. */
export function printedReference(reference: string): string {
  return reference.replace(/(.{4})(?=.)/g, '$1 ')
}

/** Letters count from A = 10 to Z = 35 (ISO 7064). */
function asNumber(text: string): bigint {
  return BigInt([...text].map((character) => Number.parseInt(character, 36)).join(''))
}
