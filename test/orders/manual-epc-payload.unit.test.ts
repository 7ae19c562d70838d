import fc from 'fast-check'
import QRCode from 'qrcode'
import { describe, expect, test } from 'vitest'
import { type EpcTransfer, epcPayload } from '../../src/orders/manual/epc-payload.ts'

const transfer: EpcTransfer = {
  beneficiary: 'Farebox Operations GmbH',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  amountMinor: 119_000n,
  reference: 'RF18539007547034',
}
const payload = (more: Partial<EpcTransfer>) => epcPayload({ ...transfer, ...more })

describe('the payload of an EPC QR code (EPC069-12)', () => {
  test('a transfer is written line by line as the standard has it', () => {
    expect(payload({})).toBe(
      'BCD\n002\n1\nSCT\nCOBADEFFXXX\nFarebox Operations GmbH\nDE89370400440532013000\nEUR1190.00\n\nRF18539007547034',
    )
  })

  test('without a BIC its line stays empty, so that the others keep their places', () => {
    expect(payload({ bic: null })?.split('\n').slice(3, 6)).toEqual(['SCT', '', 'Farebox Operations GmbH'])
  })

  test.each([
    [1n, 'EUR0.01'],
    [10n, 'EUR0.10'],
    [123_456_789n, 'EUR1234567.89'],
    [99_999_999_999n, 'EUR999999999.99'],
  ])('%d cents are written %s', (amountMinor, written) => {
    expect(payload({ amountMinor })?.split('\n')[7]).toBe(written)
  })

  test.each([0n, -1n, 100_000_000_000n])('%d cents are beyond the standard', (amountMinor) => {
    expect(payload({ amountMinor })).toBeNull()
  })

  test('a name is cut at 70 characters, and one that is none makes no payload', () => {
    expect(payload({ beneficiary: 'ß'.repeat(71) })?.split('\n')[5]).toBe('ß'.repeat(70))
    expect(payload({ beneficiary: ' ' })).toBeNull()
  })

  test('a line end in a name does not make another field', () => {
    expect(payload({ beneficiary: 'Farebox\nGB33BUKB20201555555555' })?.split('\n')).toHaveLength(10)
  })

  test('a reference of more than 35 characters is refused', () => {
    expect(payload({ reference: 'R'.repeat(36) })).toBeNull()
  })

  test('whatever the name, there is no payload, or one that fits a code of version 13 at level M', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (beneficiary) => {
        const text = payload({ beneficiary })
        if (text === null) return
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(331)
        expect(QRCode.create(text, { errorCorrectionLevel: 'M' }).version).toBeLessThanOrEqual(13)
      }),
    )
    expect(payload({ beneficiary: '😀'.repeat(70) })).toBeNull()
  })
})
