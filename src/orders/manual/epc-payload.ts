/** A transfer in euro as a banking app is told of it. */
export interface EpcTransfer {
  beneficiary: string
  /** Without spaces. */
  iban: string
  /** Version 002 needs none within the European Economic Area. */
  bic: string | null
  amountMinor: bigint
  /** ISO 11649, without spaces. */
  reference: string
}

// The limits of EPC069-12 ("Quick response code: guidelines to enable data capture for the initiation of a SEPA credit
// transfer", European Payments Council). It knows euro alone: its amount field begins with the letters EUR.
const BENEFICIARY_LENGTH_MAX = 70
const REFERENCE_LENGTH_MAX = 35
const AMOUNT_MINOR_MAX = 99_999_999_999n
const PAYLOAD_BYTES_MAX = 331
/** UTF-8, in the table of character sets. */
const CHARACTER_SET = '1'

/**
 * The text of a QR code that fills in a SEPA credit transfer: EPC069-12, version 002. Null where the standard cannot
 * carry the transfer: the amount is not within 0.01 to 999,999,999.99 euro, or a text is too long even when cut.
 */
export function epcPayload({ beneficiary, iban, bic, amountMinor, reference }: EpcTransfer): string | null {
  if (amountMinor < 1n || amountMinor > AMOUNT_MINOR_MAX || reference.length > REFERENCE_LENGTH_MAX) return null
  // A longer name is cut: what the transfer follows is the IBAN.
  const name = [...beneficiary.replace(/\s+/g, ' ').trim()].slice(0, BENEFICIARY_LENGTH_MAX).join('').trim()
  const amount = `EUR${amountMinor / 100n}.${(amountMinor % 100n).toString().padStart(2, '0')}`
  // The purpose is left empty, and the fields after the structured reference: it excludes the unstructured one.
  const lines = ['BCD', '002', CHARACTER_SET, 'SCT', bic ?? '', name, iban, amount, '', reference]
  const payload = lines.join('\n')
  return name === '' || Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX ? null : payload
}
