import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JOB_KINDS, type JobKind } from '../../jobs/queues.ts'
import { CLEAN, type Farebox, PATIENCE } from '../support/farebox.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { type JobsWorld, openJobsWorld } from './real-jobs-world.ts'
import { endOf, everything, makeWork, outboxOf, type Work } from './work-world.ts'

/** Documents follow from paid orders and from use, exports from requests, notifications from all; none is part of the books that are compared here. */
const APART: readonly JobKind[] = ['document', 'export', 'usage-invoices', 'notifications', 'webhook-delivery']
const MONEY_KINDS = JOB_KINDS.filter((kind) => !APART.includes(kind))
/** Every sweep of these, mails last: they tell of what the others have done. */
const SWEEPS: readonly [JobKind, object?][] = [
  ['hold-reaper'],
  ['expiry-sweep'],
  ['expiry-notices'],
  ['auto-top-up'],
  ['refund'],
  ['usage-rollup'],
  ['payment-reconciliation', { scope: 'open' }],
  ['payment-reconciliation', { scope: 'all' }],
  ['mail'],
]

/** A row's job of each kind that has rows. */
const rowsOf = (work: Work, mailId: string): [JobKind, Record<string, string>][] => [
  ['auto-top-up', { accountId: work.toppedUp.accountId }],
  ['refund', { refundId: work.refundId }],
  ['order', { orderId: work.untoldOrderId }],
  ['mail', { mailId }],
]

/** What everybody's work comes to, however often and by whichever way. */
const DONE = {
  toppedUp: {
    balanceCents: 2_100,
    entries: ['PURCHASE 1000', 'AUTO_TOP_UP 2000'],
    orders: ['CHECKOUT PAID', 'AUTO_TOP_UP PAID'],
    mails: ['credits-added SENT 1', 'credits-added SENT 1'],
  },
  holding: { balanceCents: 100, usage: ['ABANDONED'], holds: 0, mails: [] },
  expiring: {
    balanceCents: 400,
    entries: ['GRANT 500', 'GRANT 300', 'GRANT 100', 'EXPIRY -500'],
    notices: [30],
    mails: ['credits-expiring SENT 1'],
  },
  untold: {
    balanceCents: 1_000,
    entries: ['PURCHASE 1000'],
    orders: ['CHECKOUT PAID'],
    mails: ['credits-added SENT 1'],
  },
  untoldLate: { balanceCents: 1_000, entries: ['PURCHASE 1000'], mails: ['credits-added SENT 1'] },
  refunded: {
    balanceCents: 0,
    entries: ['PURCHASE 1000', 'REFUND -750'],
    orders: ['CHECKOUT PARTIALLY_REFUNDED'],
    refunds: ['SUCCEEDED 750'],
    mails: ['credits-added SENT 1', 'refund-made SENT 1'],
  },
  using: { usage: ['COMPLETED'], summed: 1, mails: [] },
}

describe.each(queueBackends)('every kind of job with its queue on $name', (backendUnderTest) => {
  let world: JobsWorld
  let farebox: Farebox

  beforeAll(async () => {
    world = await openJobsWorld(backendUnderTest)
    farebox = world.farebox
  })
  afterAll(() => world.close())

  async function sweepAll(): Promise<void> {
    for (const [kind, payload] of SWEEPS) {
      await world.sweep(kind, payload)
      await world.settled()
    }
  }

  test('there is work for every kind, and doing it twice ends in the same state as once', async () => {
    const work = await makeWork(farebox)
    await sweepAll()
    expect(await endOf(farebox, work)).toMatchObject(DONE)
    const [mail] = await farebox.rows<{ id: string }>('SELECT id FROM mail LIMIT 1')
    const rows = rowsOf(work, mail?.id as string)
    expect(new Set([...SWEEPS, ...rows].map(([kind]) => kind))).toEqual(new Set(MONEY_KINDS))
    for (const [kind, payload] of SWEEPS) {
      const before = await everything(farebox)
      await world.sweep(kind, payload)
      await world.settled()
      expect(await everything(farebox), `${kind} sweeps again`).toEqual(before)
    }
    for (const [kind, payload] of rows) {
      const before = await everything(farebox)
      await world.run(kind, payload)
      await world.settled()
      expect(await everything(farebox), `${kind} runs again`).toEqual(before)
    }
    expect(await farebox.verify()).toBe(CLEAN)
  })

  test('when the queue loses everything, each sweep finds its own part, and the work ends as without the loss', async () => {
    await world.settled()
    await world.pause()
    const work = await makeWork(farebox)
    await expect.poll(() => world.waiting('auto-top-up'), PATIENCE).toBe(1)
    await expect.poll(() => world.waiting('refund'), PATIENCE).toBe(1)
    await world.forget()
    // The ledger of each process looks after holds as well, and may have come before the job.
    await world.sweep('hold-reaper')
    const changed: Record<string, string[]> = {}
    let before = await endOf(farebox, work)
    for (const [kind, payload] of SWEEPS) {
      await world.sweep(kind, payload)
      await world.settled()
      const now = await endOf(farebox, work)
      const names = Object.keys(now).filter((name) => !isDeepStrictEqual(now[name], before[name]))
      changed[[kind, ...Object.values(payload ?? {})].join(' ')] = names
      before = now
    }
    expect(changed).toEqual({
      'hold-reaper': [],
      'expiry-sweep': ['expiring'],
      'expiry-notices': ['expiring'],
      'auto-top-up': ['toppedUp'],
      refund: ['refunded'],
      'usage-rollup': ['toppedUp', 'holding', 'refunded', 'using'],
      'payment-reconciliation open': ['untold'],
      'payment-reconciliation all': ['untoldLate'],
      mail: ['toppedUp', 'expiring', 'untold', 'untoldLate', 'refunded'],
    })
    expect(before).toMatchObject(DONE)
    expect(await farebox.verify()).toBe(CLEAN)
  })

  test('every mail that was sent is one file, delivered once, and no file is anything else', async () => {
    await world.sweep('mail')
    await world.settled()
    const mails = await farebox.rows<{ id: string; state: string; attempts: number; recipient: string }>(
      'SELECT id, state, attempts, recipient FROM mail ORDER BY id',
    )
    expect(mails.length).toBeGreaterThan(8)
    expect(new Set(mails.map(({ state, attempts }) => `${state} ${attempts}`))).toEqual(new Set(['SENT 1']))
    const files = await outboxOf(farebox)
    expect(files.map(({ name }) => name)).toEqual(mails.map(({ id }) => `${id}.eml`))
    for (const [index, { source }] of files.entries()) expect(source).toContain(`To: ${mails[index]?.recipient}`)
  })
})
