import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits, topLevelMembers } from '../../src/gateway/json-members.ts'

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

/** A key as JSON may write it: each character as it is, or as an escape. */
const writtenKey = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.infiniteStream(fc.boolean()))
  .map(([key, escapes]) => {
    const units = key.split('').map((unit) => {
      const isEscaped = escapes.next().value || /[\p{Surrogate}\p{Cc}"\\]/u.test(unit)
      return isEscaped ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit
    })
    return { key, written: `"${units.join('')}"` }
  })

const writtenValue = fc
  .tuple(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 1, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent))

interface Written {
  text: string
  members: { key: string; value: string }[]
}

/** An object as any client may write it, keys that stand twice included. */
const writtenObject = fc
  .tuple(fc.array(fc.tuple(writtenKey, writtenValue, space, space, space, space), { maxLength: 6 }), space, space)
  .map(([parts, before, after]): Written => {
    const texts = parts.map(([{ written }, value, a, b, c, d]) => `${a}${written}${b}:${c}${value}${d}`)
    return {
      text: `${before}{${texts.join(',') || after}}${after}`,
      members: parts.map(([{ key }, value]) => ({ key, value })),
    }
  })

test('every member of any object is found, in order, duplicates included, and its slice is its value', () => {
  fc.assert(
    fc.property(writtenObject, ({ text, members }) => {
      JSON.parse(text)
      const json = Buffer.from(text)
      const found = topLevelMembers(json).map(({ key, valueStart, valueEnd }) => ({
        key,
        value: json.toString('utf8', valueStart, valueEnd),
      }))
      expect(found).toEqual(members)
    }),
    { numRuns: 1_000 },
  )
})

test('a value that is replaced changes nothing else, byte for byte', () => {
  fc.assert(
    fc.property(writtenObject, writtenValue, fc.nat(), ({ text, members }, replacement, choice) => {
      fc.pre(members.length > 0)
      const json = Buffer.from(text)
      const index = choice % members.length
      const { valueStart: start, valueEnd: end } = topLevelMembers(json)[index]!
      const edited = applyEdits(json, [{ start, end, text: replacement }])
      expect(edited.subarray(0, start).equals(json.subarray(0, start))).toBe(true)
      const rest = edited.subarray(start + Buffer.byteLength(replacement))
      expect(rest.equals(json.subarray(end))).toBe(true)
      const after = topLevelMembers(edited)
      expect(after.map(({ key }) => key)).toEqual(members.map(({ key }) => key))
      expect(edited.toString('utf8', after[index]?.valueStart, after[index]?.valueEnd)).toBe(replacement)
      JSON.parse(edited.toString())
    }),
    { numRuns: 1_000 },
  )
})

test('several edits are made together, in whatever order they are told', () => {
  fc.assert(
    fc.property(writtenObject, fc.infiniteStream(fc.nat()), ({ text, members }, order) => {
      const json = Buffer.from(text)
      const edits = topLevelMembers(json).map(({ valueStart: start, valueEnd: end }, index) => ({
        ...{ start, end },
        text: String(index),
      }))
      const shuffled = edits.map((edit) => ({ edit, at: order.next().value })).sort((a, b) => a.at - b.at)
      const edited = applyEdits(
        json,
        shuffled.map(({ edit }) => edit),
      )
      const values = topLevelMembers(edited).map(({ valueStart, valueEnd }) =>
        edited.toString('utf8', valueStart, valueEnd),
      )
      expect(values).toEqual(members.map((_, index) => String(index)))
    }),
  )
})

test('no edit gives back the very same bytes', () => {
  const json = Buffer.from('{"a":1}')
  expect(applyEdits(json, [])).toBe(json)
})

test('whatever the bytes are, the search ends', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'{}[]",:\\ax1 \n'), { maxLength: 40 }), (characters) => {
      try {
        topLevelMembers(Buffer.from(characters.join('')))
      } catch (error) {
        // Text that is no JSON may be refused, by the parser of its keys.
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }),
    { numRuns: 5_000, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: true },
  )
})
