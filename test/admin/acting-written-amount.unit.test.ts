import { describe, expect, test } from 'vitest'
import { readWrittenAmount } from '../../src/admin/pages/acting/written-amount.ts'

const minor = (text: string) => {
  const read = readWrittenAmount(text, 2, 'USD')
  return read.ok ? read.units : read.problem
}

describe('amounts as people write them', () => {
  test.each([
    ['1250', 125_000n],
    ['1250.5', 125_050n],
    ['1250.00', 125_000n],
    ['1250,00', 125_000n],
    ['1,250.00', 125_000n],
    ['1.250,00', 125_000n],
    ['1 250,00', 125_000n],
    ['1\u00a0250,00', 125_000n],
    ['1\u202f250.00', 125_000n],
    ['1’250.00', 125_000n],
    ["1'250", 125_000n],
    ['1,250,000', 125_000_000n],
    ['1.250.000,99', 125_000_099n],
    ['  12.34  ', 1_234n],
    ['USD 1,250.00', 125_000n],
    ['1,250.00 USD', 125_000n],
    ['0.01', 1n],
    ['0', 0n],
  ])('%s', (text, units) => expect(minor(text)).toBe(units))

  test.each([
    ['1,250', '1,250 can mean 1250.00 or 1.25: write which of them.'],
    ['1.250', '1.250 can mean 1250.00 or 1.25: write which of them.'],
    ['12,000', '12,000 can mean 12000.00 or 12.00: write which of them.'],
    ['1.500 USD', '1.500 can mean 1500.00 or 1.50: write which of them.'],
  ])('%s is refused rather than guessed', (text, problem) => expect(minor(text)).toBe(problem))

  test.each([
    ['', 'Enter an amount.'],
    ['-5', 'Write the amount without a sign.'],
    ['+5', 'Write the amount without a sign.'],
    ['1e3', 'Write the amount in digits, such as 1250.00.'],
    ['.5', 'Write the amount in digits, such as 1250.00.'],
    ['5.', 'Write the amount in digits, such as 1250.00.'],
    ['٣', 'Write the amount in digits, such as 1250.00.'],
    ['12.345.67', 'The thousands are not parted as one writes them: write 1,250.00 or 1250.00.'],
    ['1,25,000.00', 'The thousands are not parted as one writes them: write 1,250.00 or 1250.00.'],
    ['12 50', 'The thousands are not parted as one writes them: write 1,250.00 or 1250.00.'],
    ['1250.001', 'An amount has at most 2 digits after the point.'],
    ['0.125', 'An amount has at most 2 digits after the point.'],
    ['5 EUR', 'This is in EUR, but the amount has to be in USD.'],
    ['9'.repeat(50), 'This is too long for an amount.'],
  ])('%s is refused with its reason', (text, problem) => expect(minor(text)).toBe(problem))

  test('credits have nine digits', () => {
    expect(readWrittenAmount('0.000000001', 9)).toEqual({ ok: true, units: 1n })
    expect(readWrittenAmount('1,250', 9).ok).toBe(false)
    expect(readWrittenAmount('0,125', 9)).toEqual({ ok: true, units: 125_000_000n })
  })
})
