import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAmount, readPercent, readTokens } from '../../src/margins/written-figures.ts'
import { formatDecimalNano } from '../../src/money/nano.ts'
import { RATE_NANO_MAX } from '../../src/pricing/rate-card.ts'

test.each([
  ['0.15', 150_000_000n],
  [' 0.15 ', 150_000_000n],
  ['.5', 500_000_000n],
  ['0,15', 150_000_000n],
  ['0,150', 150_000_000n],
  ['+3', 3_000_000_000n],
  ['$0.15', 150_000_000n],
  ['0.15 USD', 150_000_000n],
  ['1,250.00', 1_250_000_000_000n],
  ['1.250,00', 1_250_000_000_000n],
  ['1 250.00', 1_250_000_000_000n],
  ['1\u202f250,00', 1_250_000_000_000n],
  ['1’250.00', 1_250_000_000_000n],
  ['100,000.5', 100_000_500_000_000n],
  ['1,000,000', 1_000_000_000_000_000n],
  ['1.000.000', 1_000_000_000_000_000n],
  ['0.123456789', 123_456_789n],
  ['0.1234567890000', 123_456_789n],
  ['0', 0n],
])('the amount %j is read as it is meant', (written, value) => {
  expect(readAmount(written)).toEqual({ ok: true, value })
})

test.each([
  ['1,250', 'with a point'],
  ['12,345', 'with a point'],
  ['1e-7', 'an amount such as'],
  ['1.5E3', 'an amount such as'],
  ['0x10', 'an amount such as'],
  ['', 'an amount such as'],
  ['free', 'an amount such as'],
  ['NaN', 'an amount such as'],
  ['1.2.3', 'an amount such as'],
  ['1,25,000.00', 'an amount such as'],
  ['12,50.00', 'an amount such as'],
  ['1 250 00', 'an amount such as'],
  ['+-5', 'an amount such as'],
  ['5 %', 'an amount such as'],
  ['€5', 'an amount such as'],
  ['-0.15', 'of zero or more'],
  ['−0.15', 'of zero or more'],
  ['- 3', 'of zero or more'],
  ['0.1234567891', 'at most 9 decimals'],
  ['1000000.01', 'at most 1,000,000'],
])('the amount %j is refused with what was expected', (written, expected) => {
  const read = readAmount(written)
  expect(read.ok).toBe(false)
  expect(!read.ok && read.expected).toContain(expected)
})

test.each([
  ['12.5 %', 1_250],
  ['12.5%', 1_250],
  ['12,5 %', 1_250],
  ['+5 %', 500],
  ['-5 %', -500],
  ['−5 %', -500],
  ['0 %', 0],
  ['-0 %', 0],
  ['0.01 %', 1],
  ['5.00 %', 500],
  ['1250 bps', 1_250],
  ['100 %', 10_000],
])('the share %j is read as it is meant', (written, bps) => {
  expect(readPercent(written)).toEqual({ ok: true, value: bps })
})

test.each(['12.5', '0.15', '12.505 %', '%', '', '5 percent', '1,250 %', '12.5 bps', '1e1 %', '$5 %', '5 % %'])(
  'the share %j is refused',
  (written) => {
    expect(readPercent(written)).toMatchObject({ ok: false, expected: expect.stringContaining('such as 12.5 %') })
  },
)

test.each([
  ['200000', 200_000],
  ['200,000', 200_000],
  ['200 000', 200_000],
])('%j are tokens', (written, tokens) => {
  expect(readTokens(written)).toEqual({ ok: true, value: tokens })
})

test.each(['0', '-1', '1.5', '200.000', '1e5', ''])('%j are no tokens', (written) => {
  expect(readTokens(written)).toMatchObject({ ok: false })
})

test('every rate is read from how it is written, also with commas between thousands', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: RATE_NANO_MAX }), (nano) => {
      const plain = formatDecimalNano(nano)
      expect(readAmount(plain)).toEqual({ ok: true, value: nano })
      const [whole = '', fraction = '00'] = plain.split('.')
      const grouped = `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`
      expect(readAmount(grouped)).toEqual({ ok: true, value: nano })
    }),
  )
})
