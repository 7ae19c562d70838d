import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { breakLines } from '../../src/invoicing/pdf/break-lines.ts'
import { faceOf } from '../../src/invoicing/pdf/font-faces.ts'
import { createFontInstance } from '../../src/invoicing/pdf/font-instance.ts'
import { outlineOf } from '../../src/invoicing/pdf/glyph-outline.ts'
import { printable } from '../../src/invoicing/pdf/printable.ts'
import { drawable, visualRuns } from '../../src/invoicing/pdf/visual-runs.ts'

// The first use of a font reads it from disk, and a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const STYLE = { weight: 'regular', han: 'sc' } as const
const characters = (text: string) => [...text].length
/** From left to right, as the eye meets them. */
const seen = (line: string) =>
  visualRuns(line, STYLE)
    .map(({ text, direction }) => (direction === 'rtl' ? [...text].reverse().join('') : text))
    .join('')

describe('printable text', () => {
  test.each([
    ['control characters are gone', 'a\u0000b\u0007c\u001bd', 'abcd'],
    ['line breaks and tabs are spaces', ' one\r\n two\tthree\u2028four ', 'one two three four'],
    ['invisible characters are gone', 'a\u200bb\u200dc\ufeffd\u00ade\u2060f', 'abcdef'],
    ['nothing turns the direction of what follows', 'gpj\u202eexe\u2066.\u2069', 'gpjexe.'],
    ['letters and their marks are one', 'Mu\u0308ller', 'Müller'],
    ['fixed spaces stay, as numbers need them', '1\u202f234,56\u00a0€', '1\u2009234,56\u00a0€'],
    ['markup and formulas are text', '=SUM(A1)<b>&amp;', '=SUM(A1)<b>&amp;'],
    ['half a character is a sign of one', 'a\ud800b', 'a\ufffdb'],
  ])('%s', (_promise, text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  test('a family of emoji is one sign, and no noncharacter is left', () => {
    expect(drawable(printable('Team 👩‍👩‍👧 🚀\ufffe'), STYLE)).toBe('Team ? ?')
  })

  test('whatever it is given can be drawn', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const shown = drawable(printable(text), STYLE)
        for (const character of shown) expect(faceOf(character.codePointAt(0) ?? 0, 'regular', 'sc')).not.toBeNull()
        expect([...seen(shown)].length).toBe([...shown].length)
      }),
      { numRuns: 200 },
    )
  })
})

describe('faces', () => {
  test.each([
    ['Łódź', 'inter'],
    ['Αθήνα', 'inter'],
    ['Київ', 'inter'],
    ['Hà Nội', 'inter'],
    ['שלום', 'noto-sans-hebrew'],
    ['مرحبا', 'noto-sans-arabic'],
    ['深圳', 'noto-sans-sc'],
    ['さくら', 'noto-sans-jp'],
    ['한국', 'noto-sans-kr'],
  ])('%s is shown in %s, with no sign for a missing letter', (text, family) => {
    expect(drawable(text, STYLE)).toBe(text)
    expect(new Set(visualRuns(text, STYLE).map(({ face }) => face.family))).toEqual(new Set([family]))
  })

  test('Chinese characters are Japanese beside kana, and of the buyer where nothing tells', () => {
    const familyOf = (text: string, han: 'sc' | 'jp') => visualRuns(text, { ...STYLE, han })[0]?.face.family
    expect(familyOf('東京', 'sc')).toBe('noto-sans-sc')
    expect(familyOf('東京', 'jp')).toBe('noto-sans-jp')
    expect(familyOf('東京タワー', 'sc')).toBe('noto-sans-jp')
  })

  test('a variable font is drawn at the weight that is asked for, not at its thin default', () => {
    const inkOf = (weight: 'regular' | 'strong') => {
      const face = faceOf('一'.codePointAt(0) ?? 0, weight, 'sc')
      if (face === null) throw new Error('No face.')
      const font = createFontInstance(face)
      const [glyph] = font.layout('一', { direction: 'ltr', features: {} }).glyphs
      const heights = outlineOf(font as never, glyph?.id ?? 0).map(({ y }) => y)
      return Math.max(...heights) - Math.min(...heights)
    }
    expect(inkOf('regular')).toBeGreaterThan(50)
    expect(inkOf('strong')).toBeGreaterThan(inkOf('regular') * 1.2)
  })
})

describe('the order from left to right', () => {
  test.each([
    ['Latin stays as it is', 'Invoice 12 (a)', 'Invoice 12 (a)'],
    ['Hebrew goes to the left, and its numbers to the right', 'שלום 12', '12 םולש'],
    ['digits of Arabic go to the right', 'شارع ١٢', '١٢ عراش'],
    ['brackets open where the reader comes from', 'שלום (abc)', '(abc) םולש'],
    ['Hebrew within Latin is turned alone', 'to שלום now', 'to םולש now'],
  ])('%s', (_promise, text, expected) => {
    expect(seen(text)).toBe(expected)
  })

  test('joined letters reach the font in one run', () => {
    const runs = visualRuns('واجهة البرمجة', STYLE)
    expect(runs.map(({ text, direction }) => [text, direction])).toEqual([['واجهة البرمجة', 'rtl']])
  })
})

describe('lines', () => {
  test('a word wider than a line is broken within, and nothing of it is lost', () => {
    const lines = breakLines('L'.repeat(300), 100, 40, characters)
    expect(lines.map(characters)).toEqual([40, 40, 40, 40, 40, 40, 40, 20])
  })

  test('words stay whole where they fit', () => {
    expect(breakLines('one two three', 9, 8, characters)).toEqual(['one two', 'three'])
  })

  test('Chinese may break anywhere, but not before what closes', () => {
    expect(breakLines('深圳市腾讯，计算机', 9, 5, characters)).toEqual(['深圳市腾', '讯，计算机'])
  })

  test('what is cut ends with an ellipsis within the width', () => {
    expect(breakLines('one two three four', 2, 7, characters)).toEqual(['one two', 'three…'])
  })

  test('however it is broken, no character is lost and no line is too wide', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (text, width) => {
        const clean = printable(text)
        const lines = breakLines(clean, Number.POSITIVE_INFINITY, width, characters)
        expect(lines.join('').replaceAll(' ', '')).toBe(clean.replaceAll(' ', ''))
        for (const line of lines) expect(characters(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
