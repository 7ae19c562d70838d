import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/db/transaction.ts'
import { queueMail, queueMailToAccount } from '../../src/mail/queue-mail.ts'
import { MAIL_SAMPLES } from './mail-samples.ts'
import { type MailWorld, openMailWorld } from './mail-world.ts'

let world: MailWorld

beforeAll(async () => {
  world = await openMailWorld()
})
afterAll(() => world.close())

const suspended = (dedupeKey: string, recipient = 'ada@example.com') =>
  ({
    accountId: null,
    recipient,
    template: 'top-up-suspended',
    data: MAIL_SAMPLES['top-up-suspended'],
    dedupeKey,
  }) as const

const toAccount = (accountId: string, dedupeKey: string) =>
  inTransaction(world.pool, (client) =>
    queueMailToAccount(client, world.clock, accountId, 'refund-made', MAIL_SAMPLES['refund-made'], dedupeKey),
  )

describe('a mail', () => {
  test('exists if and only if its fact does', async () => {
    const before = (await world.rows()).length
    const undone = inTransaction(world.pool, async (client) => {
      await queueMail(client, world.clock, suspended('undone'))
      throw new Error('the payment failed')
    })
    await expect(undone).rejects.toThrow('the payment failed')
    expect(await world.rows()).toHaveLength(before)
    const id = await world.queue({ dedupeKey: 'undone' })
    expect(await world.row(id)).toMatchObject({
      state: 'PENDING',
      attempts: 0,
      next_attempt_at: null,
      data: MAIL_SAMPLES['top-up-suspended'],
    })
  })

  test('of one fact is told once, though ten tell it at once', async () => {
    const told = await Promise.all(
      Array.from({ length: 10 }, () =>
        inTransaction(world.pool, (client) => queueMail(client, world.clock, suspended('once'))),
      ),
    )
    expect(told.filter((id) => id !== null)).toHaveLength(1)
    expect((await world.rows()).filter((row) => row.dedupe_key === 'once')).toHaveLength(1)
  })

  test('with data that is not its template’s is refused', async () => {
    const wrong = { ...suspended('wrong'), data: { reason: 'x' } as never }
    await expect(inTransaction(world.pool, (client) => queueMail(client, world.clock, wrong))).rejects.toThrow()
  })

  test.each([
    'no address',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@x.y>',
  ])('to %j is given up rather than undo its fact', async (recipient) => {
    const id = await world.queue({ recipient })
    expect(await world.row(id)).toMatchObject({ state: 'FAILED', error: 'The recipient is no address.' })
    expect(await world.mailer().send(id)).toBe('gone')
  })

  test('keeps what a customer wrote as one line', async () => {
    const data = { ...MAIL_SAMPLES['top-up-suspended'], reason: `a\u0000b\r\nBcc: c${'d'.repeat(600)}` }
    const { data: kept } = await world.row(await world.queue({ data }))
    expect(kept.reason).toMatch(/^a b Bcc: cd+…$/)
  })
})

describe('a mail to an account', () => {
  test('goes to its owners and who pays its bills, and to nobody else', async () => {
    const [account, other] = [await world.account(), await world.account()]
    await world.member(account, 'OWNER', 'owner@example.com')
    await world.member(account, 'BILLING', 'billing@example.com')
    await world.member(account, 'DEVELOPER', 'developer@example.com')
    await world.member(account, 'VIEWER', 'viewer@example.com')
    await world.member(other, 'OWNER', 'stranger@example.com')
    const ids = await toAccount(account, 'refund:1')
    const rows = (await world.rows()).filter((row) => row.account_id === account)
    expect(rows.map((row) => row.recipient).sort()).toEqual(['billing@example.com', 'owner@example.com'])
    expect(rows.map((row) => row.id).sort()).toEqual(ids.sort())
  })

  test('is told each member once, and whoever was missing on the second time', async () => {
    const account = await world.account()
    await world.member(account, 'OWNER', 'first@example.com')
    expect(await toAccount(account, 'refund:2')).toHaveLength(1)
    expect(await toAccount(account, 'refund:2')).toEqual([])
    await world.member(account, 'BILLING', 'second@example.com')
    expect(await toAccount(account, 'refund:2')).toHaveLength(1)
    expect(await toAccount(account, 'refund:3')).toHaveLength(2)
  })

  test('of which nobody pays the bills is written to nobody', async () => {
    expect(await toAccount(await world.account(), 'refund:4')).toEqual([])
  })
})
