import { expect, test } from 'vitest'
import { open, SealBroken, seal } from '../../src/lib/seal.ts'

const SECRET = 'a secret of the tests'

test('what was sealed opens again, whatever the text', () => {
  for (const plain of ['', 'sk-live-0123', 'Zürich 🚋', 'x'.repeat(10_000)]) {
    expect(open(SECRET, seal(SECRET, plain))).toBe(plain)
  }
})

test('a changed byte anywhere, a cut, or an addition is refused', () => {
  const sealed = seal(SECRET, 'sk-live')
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed)
    changed[index] = changed[index]! ^ 1
    expect(() => open(SECRET, changed), `byte ${index}`).toThrow(SealBroken)
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => open(SECRET, sealed.subarray(0, length)), `${length} bytes`).toThrow(SealBroken)
  }
  expect(() => open(SECRET, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(SealBroken)
})

test('another secret does not open it, and an empty one seals nothing', () => {
  const sealed = seal(SECRET, 'sk-live')
  expect(() => open('another secret', sealed)).toThrow(SealBroken)
  expect(() => seal('', 'sk-live')).toThrow('a secret that is not empty')
})

test('two seals of one text differ, and neither shows it', () => {
  const [first, second] = [seal(SECRET, 'sk-live'), seal(SECRET, 'sk-live')]
  expect(first.equals(second)).toBe(false)
  expect(first.includes('sk-live')).toBe(false)
})
