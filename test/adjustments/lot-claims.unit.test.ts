import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GENESIS_HASH } from '../../src/ledger/entry.ts'
import { freeNano, inDrawOrder, type Lot } from '../../src/ledger/lot.ts'
import { lotClaims } from '../../src/ledger/lot-claims.ts'
import { unchanged, type Wallet } from '../../src/ledger/wallet.ts'

const NOW = 1_000

const lots = fc.array(
  fc.record({
    left: fc.integer({ min: 1, max: 50 }),
    held: fc.integer({ min: 0, max: 50 }),
    frozen: fc.integer({ min: 0, max: 60 }),
    priority: fc.constantFrom(10, 20),
    expiresAt: fc.option(fc.integer({ min: NOW + 1, max: NOW + 20 })),
  }),
  { maxLength: 6 },
)
type Drawn = typeof lots extends fc.Arbitrary<infer Value> ? Value : never

function walletOf(drawn: Drawn): Wallet {
  const made = drawn.map(({ left, held, frozen, priority, expiresAt }, index): Lot => {
    const figures = { grantedNano: BigInt(left), remainingNano: BigInt(left), frozenNano: BigInt(frozen) }
    return {
      id: `lot ${index}`,
      accountId: 'a',
      priority,
      expiresAt,
      createdAt: index,
      ...figures,
      heldNano: BigInt(Math.min(held, left)),
    }
  })
  const sum = (of: (lot: Lot) => bigint) => made.reduce((total, lot) => total + of(lot), 0n)
  return {
    ...{ accountId: 'a', currency: 'USD', debtNano: 0n, entrySeq: 0n, entryHash: GENESIS_HASH },
    ...{ balanceNano: sum((lot) => lot.remainingNano), heldNano: sum((lot) => lot.heldNano) },
    ...{ topUpBelowNano: null, topUpDueAt: null, lots: made.sort(inDrawOrder), changes: unchanged() },
  }
}
const cause = { sourceId: 's', actorId: null, reason: 'A reason of people' }
const left = (wallet: Wallet) => wallet.lots.reduce((total, lot) => total + lot.remainingNano, 0n)

test('a debit takes all of it from what is free or nothing at all, and never makes a debt', () => {
  fc.assert(
    fc.property(lots, fc.bigInt({ min: 1n, max: 120n }), (drawn, amountNano) => {
      const wallet = walletOf(drawn)
      const [free, before] = [wallet.lots.reduce((total, lot) => total + freeNano(lot), 0n), left(wallet)]
      const debited = lotClaims(wallet, NOW).debit(cause, amountNano)
      expect(debited).toEqual(free >= amountNano ? { ok: true } : { ok: false, availableNano: free })
      expect(before - left(wallet)).toBe(debited.ok ? amountNano : 0n)
      expect([wallet.balanceNano, wallet.debtNano]).toEqual([left(wallet), 0n])
      expect(wallet.changes.entries.length).toBe(debited.ok ? 1 : 0)
      expect(wallet.lots.every((lot) => lot.remainingNano >= lot.heldNano)).toBe(true)
    }),
  )
})

test('an extension moves one end to later and nothing else, and keeps the order in which lots are drawn', () => {
  fc.assert(
    fc.property(lots, fc.nat(5), fc.integer({ min: NOW, max: NOW + 40 }), (drawn, index, until) => {
      const wallet = walletOf(drawn)
      const lot = wallet.lots.find(({ id }) => id === `lot ${index}`)
      const [endedAt, before, figures] = [lot?.expiresAt, left(wallet), lot && { ...lot }]
      const extended = lotClaims(wallet, NOW).extend(cause, `lot ${index}`, until)
      const isLater = typeof endedAt === 'number' && until > endedAt
      expect(extended.ok).toBe(isLater)
      if (lot) expect(lot).toEqual({ ...figures, expiresAt: isLater ? until : endedAt })
      expect([left(wallet), wallet.balanceNano]).toEqual([before, before])
      expect(wallet.lots).toEqual(wallet.lots.toSorted(inDrawOrder))
      expect(wallet.changes.entries.map(({ entry }) => [entry.kind, entry.amountNano, entry.movements.length])).toEqual(
        isLater ? [['EXTENSION', 0n, 1]] : [],
      )
    }),
  )
})
