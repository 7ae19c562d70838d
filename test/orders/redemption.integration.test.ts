import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { createRedemptionCodes, type NewRedemptionCodes } from '../../src/orders/codes/create-redemption-codes.ts'
import { disableRedemptionCode } from '../../src/orders/codes/disable-redemption-code.ts'
import { redeemCode } from '../../src/orders/codes/redeem-code.ts'
import { type LedgerFixture, openLedger } from '../ledger/ledger-fixture.ts'

const DAY_MS = 86_400_000
const REFUSED = {
  name: 'OrderError',
  code: 'code_not_redeemable',
  field: 'code',
  message: 'This code cannot be redeemed.',
}

let world: LedgerFixture
beforeAll(async () => {
  world = await openLedger()
})
afterAll(() => world.close())

const newCodes = (more: Partial<NewRedemptionCodes> = {}): NewRedemptionCodes => ({
  count: 1,
  amountNano: 25_000_000_000n,
  currency: 'USD',
  creditDays: 90,
  expiresAt: null,
  note: 'Conference',
  actorId: uuidV7(world.clock),
  ...more,
})

async function codes(more: Partial<NewRedemptionCodes> = {}) {
  const created = await createRedemptionCodes(world, newCodes(more))
  if (created.outcome !== 'created') throw new Error('no codes were made')
  return created.codes
}

async function code(more: Partial<NewRedemptionCodes> = {}) {
  const [made] = await codes(more)
  if (!made) throw new Error('no code was made')
  return made
}

const redeem = (accountId: string, text: string, actorId: string | null = null) =>
  redeemCode(world, { accountId, code: text, actorId })

async function grants(accountId: string) {
  const { rows } = await world.pool.query(
    `SELECT entry.kind, entry.source_id, entry.amount_nano, entry.actor_id, lot.promotional, lot.expires_at, lot.granted_nano
     FROM ledger_entry entry JOIN credit_lot lot ON lot.account_id = entry.account_id AND lot.source_id = entry.source_id
     WHERE entry.account_id = $1`,
    [accountId],
  )
  return rows
}

async function balance(accountId: string): Promise<bigint> {
  const { rows } = await world.pool.query('SELECT balance_nano FROM wallet WHERE account_id = $1', [accountId])
  return BigInt(rows[0].balance_nano)
}

const total = (balances: readonly bigint[]) => balances.reduce((sum, one) => sum + one, 0n)

describe('made codes', () => {
  test('are as many as were asked for, each different, and kept only as SHA-256 and hint', async () => {
    const made = await codes({ count: 1_000 })
    expect(new Set(made.map((one) => one.code)).size).toBe(1_000)
    const { rows } = await world.pool.query('SELECT * FROM redemption_code WHERE id = ANY ($1::uuid[])', [
      made.map(({ id }) => id),
    ])
    expect(rows).toHaveLength(1_000)
    const kept = JSON.stringify(rows)
    for (const one of made) {
      const characters = one.code.slice(3).replaceAll('-', '')
      expect(kept.includes(one.code) || kept.includes(characters)).toBe(false)
    }
  })

  test('are shown once: the same key again makes and shows nothing', async () => {
    const asked = newCodes({ count: 3, idempotencyKey: 'spring', expiresAt: world.clock.now() + DAY_MS })
    const before = await world.pool.query('SELECT FROM redemption_code')
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => createRedemptionCodes(world, asked)))
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(3)
    const after = await world.pool.query('SELECT FROM redemption_code')
    expect((after.rowCount ?? 0) - (before.rowCount ?? 0)).toBe(3)
    world.clock.advance(2 * DAY_MS)
    expect(await createRedemptionCodes(world, asked)).toEqual({ outcome: 'repeated' })
    const changed = { ...asked, amountNano: asked.amountNano + 1n }
    await expect(createRedemptionCodes(world, changed)).rejects.toMatchObject({ code: 'idempotency_conflict' })
  })

  test.each([
    ['count', { count: 0 }],
    ['count', { count: 1_001 }],
    ['count', { count: 1.5 }],
    ['amountNano', { amountNano: 0n }],
    ['amountNano', { amountNano: -1n }],
    ['amountNano', { amountNano: 100_001n * 1_000_000_000n }],
    ['currency', { currency: 'dollars' }],
    ['creditDays', { creditDays: 0 }],
    ['expiresAt', { expiresAt: 1 }],
    ['note', { note: 'x'.repeat(501) }],
    ['actorId', { actorId: 'somebody' }],
  ])('are refused for a wrong %s: %o', async (field, wrong) => {
    await expect(createRedemptionCodes(world, newCodes(wrong))).rejects.toMatchObject({
      code: 'invalid_request',
      field,
    })
  })
})

describe('a redeemed code', () => {
  test('grants promotional credits that expire so many days after the redemption', async () => {
    const made = await code({ creditDays: 30 })
    const accountId = await world.account()
    const actorId = uuidV7(world.clock)
    world.clock.advance(5 * DAY_MS)
    const redeemedAt = world.clock.now()
    const redeemed = await redeem(accountId, made.code.toLowerCase().replaceAll('-', ' '), actorId)
    const creditsExpireAt = redeemedAt + 30 * DAY_MS
    expect(redeemed).toEqual({
      codeId: made.id,
      amountNano: 25_000_000_000n,
      currency: 'USD',
      redeemedAt,
      creditsExpireAt,
    })
    expect(await grants(accountId)).toEqual([
      {
        kind: 'GRANT',
        source_id: made.id,
        amount_nano: '25000000000',
        actor_id: actorId,
        promotional: true,
        expires_at: new Date(creditsExpireAt),
        granted_nano: '25000000000',
      },
    ])
  })

  test('gives the account that redeemed it the same answer ever after, and nothing more', async () => {
    const made = await code({ expiresAt: world.clock.now() + DAY_MS })
    const accountId = await world.account()
    const first = await redeem(accountId, made.code)
    world.clock.advance(2 * DAY_MS)
    expect(await redeem(accountId, made.code)).toEqual(first)
    expect(await balance(accountId)).toBe(25_000_000_000n)
  })

  test('by fifty accounts at once is granted to exactly one of them', async () => {
    const made = await code()
    const accountIds = await Promise.all(Array.from({ length: 50 }, () => world.account()))
    const outcomes = await Promise.allSettled(accountIds.map((accountId) => redeem(accountId, made.code)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(REFUSED)
    }
    expect(total(await Promise.all(accountIds.map(balance)))).toBe(25_000_000_000n)
    const winner = accountIds[outcomes.findIndex(({ status }) => status === 'fulfilled')] as string
    expect(await balance(winner)).toBe(25_000_000_000n)
  })

  test('by one account fifty times at once is granted once, with one answer to all', async () => {
    const made = await code()
    const accountId = await world.account()
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(accountId, made.code)))
    expect(new Set(answers.map((answer) => answer.redeemedAt + answer.codeId)).size).toBe(1)
    expect(await grants(accountId)).toHaveLength(1)
  })

  test('and fifty others, redeemed by one account at once, are all granted', async () => {
    const made = await codes({ count: 50 })
    const accountId = await world.account()
    await Promise.all(made.map((one) => redeem(accountId, one.code)))
    expect(await balance(accountId)).toBe(50n * 25_000_000_000n)
  })
})

describe('a code that cannot be redeemed', () => {
  test('is refused in the same words, whatever the reason, and grants nothing', async () => {
    const [expired, disabled, used, foreign] = await Promise.all([
      code({ expiresAt: world.clock.now() + 1_000 }),
      code(),
      code(),
      code({ currency: 'EUR' }),
    ])
    world.clock.advance(1_000)
    await disableRedemptionCode(world, disabled.id)
    await redeem(await world.account(), used.code)
    const accountId = await world.account()
    const unknown = 'FB-0000-0000-0000-0000'
    for (const text of [expired.code, disabled.code, used.code, foreign.code, unknown, 'no code', '']) {
      await expect(redeem(accountId, text)).rejects.toMatchObject(REFUSED)
    }
    expect(await grants(accountId)).toEqual([])
    const { rows } = await world.pool.query(
      'SELECT id FROM redemption_code WHERE id = ANY ($1::uuid[]) AND redeemed_at IS NOT NULL',
      [[expired.id, disabled.id, used.id, foreign.id]],
    )
    expect(rows).toEqual([{ id: used.id }])
  })

  test('by an account that does not exist stays redeemable for others', async () => {
    const made = await code()
    await expect(redeem(uuidV7(world.clock), made.code)).rejects.toMatchObject(REFUSED)
    await expect(redeem(await world.account(), made.code)).resolves.toMatchObject({ codeId: made.id })
  })
})

describe('disabling a code', () => {
  test('can be repeated, and keeps the first time', async () => {
    const made = await code()
    const disabledAt = async () =>
      (await world.pool.query('SELECT disabled_at FROM redemption_code WHERE id = $1', [made.id])).rows
    expect(await disableRedemptionCode(world, made.id)).toEqual({ ok: true })
    const first = await disabledAt()
    world.clock.advance(1_000)
    expect(await disableRedemptionCode(world, made.id)).toEqual({ ok: true })
    expect(await disabledAt()).toEqual(first)
  })

  test('says so where there is none, or where its credits are given', async () => {
    const made = await code()
    await redeem(await world.account(), made.code)
    expect(await disableRedemptionCode(world, made.id)).toEqual({ ok: false, reason: 'redeemed' })
    expect(await disableRedemptionCode(world, uuidV7(world.clock))).toEqual({ ok: false, reason: 'unknown' })
  })

  test('at the moment of its redemption either prevents it or comes too late, never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [made, accountId] = await Promise.all([code(), world.account()])
      const [redeemed, disabled] = await Promise.allSettled([
        redeem(accountId, made.code),
        disableRedemptionCode(world, made.id),
      ])
      const isRedeemed = redeemed.status === 'fulfilled'
      expect(disabled).toMatchObject({ value: isRedeemed ? { ok: false, reason: 'redeemed' } : { ok: true } })
      expect(await balance(accountId)).toBe(isRedeemed ? 25_000_000_000n : 0n)
    }
  })
})

test('the ledger is clean after all of it', async () => {
  expect((await verifyLedger(world.database.connectionString)).findings).toEqual([])
})
