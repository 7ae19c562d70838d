import { beforeEach, expect, test } from 'vitest'
import type { Wallet } from '../../src/ledger/wallet.ts'
import { CUSTOMER, emptyBudget, idOf, LedgerWorld } from './ledger-world.ts'

const NOW = Date.UTC(2026, 0, 1)
const LATER = NOW + 1_000
const REQUEST = idOf('request', 1)
const OTHER = idOf('request', 2)
const [PROMO, SOON, OLD, NEW] = [1, 2, 3, 4].map((number) => idOf('lot', number)) as [string, string, string, string]

let world: LedgerWorld
beforeEach(() => {
  world = new LedgerWorld()
})

const paid = (lotId: string, nano: bigint, expiresAt: number | null = null, now = NOW) =>
  world.credit(world.customer, lotId, nano, false, expiresAt, now)
const promo = (lotId: string, nano: bigint, now = NOW) => world.credit(world.customer, lotId, nano, true, null, now)
const left = (wallet: Wallet, lotId: string) => wallet.lots.find((lot) => lot.id === lotId)?.remainingNano

test('promotional credit is drawn before paid, then what expires first, then the oldest', () => {
  paid(NEW, 10n, null, NOW + 1)
  paid(OLD, 10n)
  paid(SOON, 10n, LATER + 1)
  promo(PROMO, 10n)
  world.authorize(REQUEST, 35n, null, NOW + 2)
  expect(world.holds.get(REQUEST)?.lots).toEqual([
    { lotId: PROMO, amountNano: 10n },
    { lotId: SOON, amountNano: 10n },
    { lotId: OLD, amountNano: 10n },
    { lotId: NEW, amountNano: 5n },
  ])
})

test('a lot is spendable one millisecond before it expires, and not at its instant', () => {
  paid(SOON, 10n, LATER)
  expect(world.authorize(REQUEST, 4n, null, LATER - 1).granted).toBe(true)
  expect(world.authorize(OTHER, 4n, null, LATER)).toMatchObject({
    granted: false,
    reason: 'insufficient_credits',
    availableNano: 0n,
  })
  expect(world.customer).toMatchObject({ balanceNano: 4n, heldNano: 4n })
})

test('credit held at its expiry pays its own request, and the rest expires with the release', () => {
  paid(SOON, 10n, LATER)
  world.authorize(REQUEST, 8n, null, NOW)
  expect(world.resolve(REQUEST, 5n, 0n, LATER)).toBe(0n)
  expect(world.customer).toMatchObject({ balanceNano: 0n, heldNano: 0n, debtNano: 0n })
  const booked = world.customer.changes.entries.map(({ entry }) => [entry.kind, entry.sourceId, entry.amountNano])
  expect(booked).toEqual([
    ['GRANT', SOON, 10n],
    ['EXPIRY', SOON, -2n],
    ['USAGE_DEBIT', REQUEST, -5n],
    ['EXPIRY', REQUEST, -3n],
  ])
})

test('credit held at its expiry is not spent by another request', () => {
  paid(SOON, 10n, LATER)
  world.authorize(REQUEST, 10n, null, NOW)
  expect(world.authorize(OTHER, 1n, null, LATER).granted).toBe(false)
  world.resolve(REQUEST, 0n, 0n, LATER)
  expect(world.customer.balanceNano).toBe(0n)
})

test('credit held at its expiry pays its own request even when promotional credit came meanwhile', () => {
  paid(SOON, 10n, LATER)
  world.authorize(REQUEST, 10n, null, NOW)
  promo(PROMO, 10n, LATER)
  world.resolve(REQUEST, 10n, 0n, LATER)
  expect(left(world.customer, PROMO)).toBe(10n)
  expect(world.customer.balanceNano).toBe(10n)
})

test('a charge above the hold takes free credit first, and only the rest becomes debt', () => {
  paid(OLD, 10n)
  world.authorize(REQUEST, 4n, null, NOW)
  expect(world.resolve(REQUEST, 13n, 0n, NOW)).toBe(3n)
  expect(world.customer).toMatchObject({ balanceNano: -3n, debtNano: 3n, heldNano: 0n })
})

test('a charge above the hold leaves what other requests have reserved', () => {
  paid(OLD, 10n)
  world.authorize(REQUEST, 4n, null, NOW)
  world.authorize(OTHER, 6n, null, NOW)
  expect(world.resolve(REQUEST, 7n, 0n, NOW)).toBe(3n)
  expect(world.customer).toMatchObject({ balanceNano: 3n, debtNano: 3n, heldNano: 6n })
  world.resolve(OTHER, 6n, 0n, NOW)
  expect(world.customer).toMatchObject({ balanceNano: -3n, debtNano: 3n, heldNano: 0n })
})

test('new credit repays debt first, and its entry is still the whole grant', () => {
  paid(OLD, 5n)
  world.authorize(REQUEST, 5n, null, NOW)
  world.resolve(REQUEST, 8n, 0n, NOW)
  expect(world.authorize(OTHER, 0n, null, NOW)).toMatchObject({ granted: false, reason: 'debt_outstanding' })
  paid(NEW, 10n)
  expect(world.customer).toMatchObject({ balanceNano: 7n, debtNano: 0n })
  expect(left(world.customer, NEW)).toBe(7n)
  expect(world.customer.changes.entries.at(-1)?.entry).toMatchObject({ kind: 'GRANT', amountNano: 10n })
  expect(world.authorize(OTHER, 7n, null, NOW).granted).toBe(true)
})

test('a reseller without credit refuses, and the customer keeps what it had', () => {
  paid(OLD, 10n)
  world.credit(world.reseller, NEW, 3n, false, null, NOW)
  const refused = world.authorize(REQUEST, 5n, 4n, NOW)
  expect(refused).toMatchObject({ granted: false, reason: 'reseller_credits_exhausted', availableNano: 10n })
  expect(world.heldNano()).toEqual({ customer: 0n, reseller: 0n })
  expect(world.customer.heldNano).toBe(0n)
})

test('a refusal names the budget that ran out, and what room it has', () => {
  const month = emptyBudget('month', 'MONTH', 100n)
  const day = emptyBudget('day', 'DAY', 6n)
  world = new LedgerWorld([month, day])
  paid(OLD, 50n)
  world.authorize(REQUEST, 4n, null, NOW)
  expect(world.authorize(OTHER, 3n, null, NOW)).toMatchObject({
    granted: false,
    reason: 'budget_exceeded',
    budgetId: 'day',
    availableNano: 2n,
  })
  expect(month.heldNano).toBe(4n)
})

test('a charge counts in the period of its capture, and its hold was counted until then', () => {
  const day = emptyBudget('day', 'DAY', 10n)
  world = new LedgerWorld([day])
  paid(OLD, 50n)
  const midnight = NOW + 24 * 3_600_000
  world.authorize(REQUEST, 6n, null, midnight - 1)
  expect(world.authorize(OTHER, 5n, null, midnight).granted).toBe(false)
  world.resolve(REQUEST, 2n, 0n, midnight)
  expect(day).toMatchObject({ periodStart: midnight, spentNano: 2n, heldNano: 0n })
  expect(world.authorize(OTHER, 8n, null, midnight).granted).toBe(true)
})

test('a day’s spending makes room for the next day’s', () => {
  world = new LedgerWorld([emptyBudget('day', 'DAY', 10n)])
  paid(OLD, 50n)
  world.authorize(REQUEST, 10n, null, NOW)
  world.resolve(REQUEST, 10n, 0n, NOW)
  const midnight = NOW + 24 * 3_600_000
  expect(world.authorize(OTHER, 1n, null, midnight - 1).granted).toBe(false)
  expect(world.authorize(OTHER, 10n, null, midnight).granted).toBe(true)
})

test('credit that a void gives back repays the debt that another request made', () => {
  paid(OLD, 10n)
  world.authorize(REQUEST, 4n, null, NOW)
  world.authorize(OTHER, 6n, null, NOW)
  world.resolve(REQUEST, 7n, 0n, NOW)
  world.resolve(OTHER, 0n, 0n, NOW)
  expect(world.customer).toMatchObject({ balanceNano: 3n, debtNano: 0n, heldNano: 0n })
  expect(world.customer.changes.entries.at(-1)?.entry).toMatchObject({
    kind: 'ADJUSTMENT',
    amountNano: 0n,
    sourceId: OTHER,
  })
})

test('nothing is credited by zero or less', () => {
  for (const nano of [0n, -1n]) expect(() => paid(OLD, nano)).toThrow(RangeError)
  expect(world.customer).toMatchObject({ accountId: CUSTOMER, balanceNano: 0n, entrySeq: 0n })
})
