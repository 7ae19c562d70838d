import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeHash, codeHint, printedCode, randomCode, readCode } from '../../src/orders/codes/code-text.ts'

const code = fc.constantFrom(...Array.from({ length: 50 }, randomCode))
/** What may stand before, between and after the characters of a code. */
const noise = fc
  .array(fc.constantFrom(' ', '-', '\t', '\u2013', '\u00a0', '\n'), { maxLength: 2 })
  .map((all) => all.join(''))
/** How people write the digits 0 and 1. */
const LOOK_ALIKE: Record<string, string[]> = { 0: ['0', 'O', 'o'], 1: ['1', 'I', 'i', 'L', 'l'] }

describe('a code', () => {
  test('is printed as FB and four groups of four characters that are not mistaken for others', () => {
    for (let made = 0; made < 200; made += 1) {
      expect(printedCode(randomCode())).toMatch(/^FB(-[0-9A-HJKMNP-TV-Z]{4}){4}$/)
    }
  })

  test('carries 80 random bits: every character takes every value', () => {
    const seen = Array.from({ length: 16 }, () => new Set<string>())
    for (let made = 0; made < 2_000; made += 1) {
      for (const [index, character] of [...randomCode()].entries()) seen[index]?.add(character)
    }
    expect(seen.map(({ size }) => size)).toEqual(Array.from({ length: 16 }, () => 32))
  })

  test('is read back however it is typed: case, spaces, dashes, prefix, letters that look like digits', () => {
    const typed = fc.record({
      code,
      hasPrefix: fc.boolean(),
      noises: fc.array(noise, { minLength: 20, maxLength: 20 }),
      lowers: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
      choice: fc.nat(),
    })
    fc.assert(
      fc.property(typed, ({ code: meant, hasPrefix, noises, lowers, choice }) => {
        const characters = [...(hasPrefix ? 'FB' : ''), ...meant].map((character, index) => {
          const alike = LOOK_ALIKE[character] ?? [character]
          const written = alike[(choice + index) % alike.length] as string
          return `${noises[index]}${lowers[index] ? written.toLowerCase() : written}`
        })
        const input = characters.join('') + noises.at(-1)
        fc.pre(input.length <= 100)
        expect(readCode(input)).toBe(meant)
      }),
    )
  })

  test('of which one character differs is another code, with another hash', () => {
    fc.assert(
      fc.property(
        code,
        fc.nat({ max: 15 }),
        fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
        (meant, at, other) => {
          fc.pre(meant[at] !== other)
          const changed = readCode(`${meant.slice(0, at)}${other}${meant.slice(at + 1)}`)
          expect(changed).not.toBeNull()
          expect(changed && codeHash(changed).equals(codeHash(meant))).toBe(false)
        },
      ),
    )
  })

  test('is kept as 32 bytes of SHA-256 and its last four characters', () => {
    const made = randomCode()
    expect(codeHash(made)).toHaveLength(32)
    expect(codeHint(made)).toBe(printedCode(made).slice(-4))
  })

  test.each([
    ['nothing', ''],
    ['too short', 'FB-1234-5678-9ABC-DEF'],
    ['too long', 'FB-1234-5678-9ABC-DEFGH'],
    ['a letter that no code has', 'FB-1234-5678-9ABC-DEFU'],
    ['another prefix', 'XX-1234-5678-9ABC-DEFG'],
    ['a sign', 'FB-1234-5678-9ABC-DEF!'],
    ['a text without end', ' '.repeat(1_000_000)],
  ])('is not read from %s', (_what, input) => {
    expect(readCode(input)).toBeNull()
  })

  test('any text is read or refused, never an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (input) => readCode(input) === null || readCode(input)?.length === 16),
    )
  })
})
