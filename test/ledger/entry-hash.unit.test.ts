import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalEntry, chainHash, type Entry, GENESIS_HASH } from '../../src/ledger/entry.ts'

const entry: Entry = {
  accountId: '01900000-0000-7000-8000-00000000000c',
  seq: 7n,
  kind: 'USAGE_DEBIT',
  sourceId: '01900000-0000-7000-8200-000000000001',
  amountNano: -30n,
  balanceAfterNano: 70n,
  currency: 'USD',
  actorId: null,
  reason: null,
  createdAt: 1_767_225_600_000,
  movements: [
    { lotId: '01900000-0000-7000-8100-000000000001', amountNano: -25n },
    { lotId: null, amountNano: -5n },
  ],
}

/** Written out by hand: hashes that are stored must be recomputable for ever. */
const CANONICAL =
  'entry/1|01900000-0000-7000-8000-00000000000c|7|USAGE_DEBIT|01900000-0000-7000-8200-000000000001|-30|70|USD|' +
  '1767225600000||01900000-0000-7000-8100-000000000001:-25,debt:-5|'

test('the text that an entry is hashed as never changes', () => {
  expect(canonicalEntry(entry)).toBe(CANONICAL)
  const hash = createHash('sha256').update(`${GENESIS_HASH}\n${CANONICAL}`).digest('hex')
  expect(chainHash(GENESIS_HASH, entry)).toBe(hash)
})

test.each<Partial<Entry>>([
  { accountId: entry.sourceId },
  { seq: 8n },
  { kind: 'EXPIRY' },
  { sourceId: entry.accountId },
  { amountNano: -29n },
  { balanceAfterNano: 71n },
  { currency: 'EUR' },
  { actorId: entry.accountId },
  { reason: 'x' },
  { reason: '' },
  { createdAt: entry.createdAt + 1 },
  { movements: [...entry.movements].reverse() },
])('an entry with another %o has another hash', (change) => {
  expect(chainHash(GENESIS_HASH, { ...entry, ...change })).not.toBe(chainHash(GENESIS_HASH, entry))
})

test('a reason cannot be written so that it reads as another field', () => {
  const texts = ['a|b', 'a', '"', '|"'].map((reason) => canonicalEntry({ ...entry, reason }))
  expect(new Set(texts).size).toBe(texts.length)
})
