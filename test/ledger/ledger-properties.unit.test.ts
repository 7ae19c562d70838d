import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChainChecker } from '../../src/ledger/verify/chain-check.ts'
import type { Wallet } from '../../src/ledger/wallet.ts'
import type { CoinPurse } from './coin-model.ts'
import { DAY, history, Play, type Step } from './ledger-play.ts'
import { CUSTOMER, RESELLER } from './ledger-world.ts'

const RUNS = { numRuns: 400 }

function expectSame(wallet: Wallet, purse: CoinPurse): void {
  const lots = wallet.lots.filter((lot) => lot.remainingNano > 0n)
  expect(wallet.balanceNano).toBe(BigInt(purse.balance()))
  expect(wallet.heldNano).toBe(BigInt(purse.held()))
  expect(wallet.debtNano).toBe(BigInt(purse.debt))
  expect(lots.map(({ id, remainingNano }) => [id, Number(remainingNano)]).sort()).toEqual(
    [...Map.groupBy(purse.left(), (coin) => coin.lotId)].map(([id, coins]) => [id, coins.length]).sort(),
  )
}

type Held = ReturnType<Play['world']['heldNano']>

/** Plays random histories; the step's changes are still to be committed when it is looked at. */
function playing(expectAfterEachStep: (play: Play, one: Step, heldBefore: Held) => void): void {
  fc.assert(
    fc.property(history, ({ steps, ...limits }) => {
      const play = new Play(limits)
      for (const one of steps) {
        const heldBefore = play.world.heldNano()
        play.take(one)
        expectAfterEachStep(play, one, heldBefore)
        play.world.commit()
      }
    }),
    RUNS,
  )
}

test('whatever happens, each nano is where a purse of single coins has it', () => {
  playing(({ world, purse, resellerPurse }) => {
    expectSame(world.customer, purse)
    expectSame(world.reseller, resellerPurse)
  })
})

test('the balance is the sum of the entries and of the lots less the debt; what is held is what open holds reserve', () => {
  playing(({ world }) => {
    world.commit()
    for (const wallet of [world.customer, world.reseller]) {
      const own = world.entries.filter(({ entry }) => entry.accountId === wallet.accountId)
      const planes = [...world.holds.values()].map((hold) =>
        wallet.accountId === CUSTOMER ? hold.amountNano : hold.resellerAmountNano,
      )
      expect(wallet.balanceNano).toBe(sum(own.map(({ entry }) => entry.amountNano)))
      expect(wallet.balanceNano).toBe(sum(wallet.lots.map((lot) => lot.remainingNano)) - wallet.debtNano)
      expect(wallet.heldNano).toBe(sum(wallet.lots.map((lot) => lot.heldNano)))
      expect(wallet.heldNano).toBe(sum(planes))
    }
  })
})

test('nothing available is ever negative, and while there is debt nothing is available', () => {
  playing(({ world }) => {
    for (const wallet of [world.customer, world.reseller]) {
      const available = wallet.balanceNano + wallet.debtNano - wallet.heldNano
      expect(available).toBeGreaterThanOrEqual(0n)
      if (wallet.debtNano > 0n) expect(available).toBe(0n)
      for (const lot of wallet.lots) {
        expect(lot.heldNano).toBeGreaterThanOrEqual(0n)
        expect(lot.heldNano).toBeLessThanOrEqual(lot.remainingNano)
        expect(lot.remainingNano).toBeLessThanOrEqual(lot.grantedNano)
      }
    }
  })
})

test('a refused authorization leaves nothing but bookings of expiry', () => {
  playing(({ world, answer }, one, heldBefore) => {
    if (one.do !== 'authorize' || answer?.granted !== false) return
    expect(world.heldNano()).toEqual(heldBefore)
    const booked = [world.customer, world.reseller].flatMap((wallet) => wallet.changes.entries)
    expect(booked.every(({ entry }) => entry.kind === 'EXPIRY')).toBe(true)
  })
})

test('an authorization books no charge, and reserves nothing that has expired', () => {
  playing(({ world, now, answer }, one) => {
    if (one.do !== 'authorize' || !answer?.granted) return
    const hold = [...world.holds.values()].at(-1)
    const reserved = [...hold!.lots, ...hold!.resellerLots]
    for (const wallet of [world.customer, world.reseller]) {
      expect(wallet.changes.entries.every(({ entry }) => entry.kind === 'EXPIRY')).toBe(true)
      const lots = wallet.lots.filter((lot) => reserved.some(({ lotId }) => lotId === lot.id))
      for (const lot of lots) expect(lot.expiresAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now)
    }
  })
})

test('each budget has spent what was charged in its running period, and holds what is reserved', () => {
  playing((play) => {
    const { day, total } = play.spent()
    const [daily, ever] = play.world.budgets
    const running = daily!.periodStart === Math.floor(play.now / DAY) * DAY
    expect(running ? daily!.spentNano : 0n).toBe(BigInt(day))
    expect(ever!.spentNano).toBe(BigInt(total))
    for (const budget of play.world.budgets) expect(budget.heldNano).toBe(play.world.heldNano().customer)
  })
})

test('the entries of a wallet form one gapless chain of hashes and balances', () => {
  fc.assert(
    fc.property(history, ({ steps, ...limits }) => {
      const play = new Play(limits)
      for (const one of steps) {
        play.take(one)
        play.world.commit()
      }
      for (const accountId of [CUSTOMER, RESELLER]) {
        const check = createChainChecker()
        const own = play.world.entries.filter(({ entry }) => entry.accountId === accountId)
        expect(own.flatMap(({ entry, hash }) => check({ ...entry, hash }))).toEqual([])
      }
    }),
    RUNS,
  )
})

test('no two entries have the same kind and source', () => {
  fc.assert(
    fc.property(history, ({ steps, ...limits }) => {
      const play = new Play(limits)
      for (const one of steps) {
        play.take(one)
        play.world.commit()
      }
      const keys = play.world.entries.map(({ entry }) => `${entry.kind} ${entry.sourceId} ${entry.accountId}`)
      expect(new Set(keys).size).toBe(keys.length)
    }),
    RUNS,
  )
})

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
