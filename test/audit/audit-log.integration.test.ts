import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperatorActor } from '../../src/accounts/actor.ts'
import { actAs } from '../../src/back-office/acting.ts'
import { requestAdjustmentFor } from '../../src/back-office/adjust.ts'
import { createCodesFor, disableCodeFor } from '../../src/back-office/codes.ts'
import { listActs } from '../../src/back-office/list-acts.ts'
import { addTaxRateFor, writeSellerFor } from '../../src/back-office/sellers.ts'
import { replayWebhookFor } from '../../src/back-office/webhooks.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import {
  CLEAN,
  creditFor,
  type OfficeWorld,
  openOfficeWorld,
  refusal,
  SELLER,
  UNIT,
} from '../back-office/office-world.ts'

let world: OfficeWorld
let admin: OperatorActor
let accountId: string

beforeAll(async () => {
  world = await openOfficeWorld()
  admin = await world.operator('ADMIN', 'Ada')
  accountId = await world.customer()
  const reason = 'Goodwill \ud800 for "half" a character, and 𝄞'
  for (let count = 0; count < 5; count += 1) {
    await requestAdjustmentFor(world.deps, admin, creditFor(accountId, UNIT, { reason: `${reason} ${count}` }))
  }
})
afterAll(() => world.close())

/** Changes what is append-only, as somebody with the rights of the database's owner could; undone afterwards. */
async function findingsOf(tampering: string): Promise<string[]> {
  const client = await world.pool.connect()
  try {
    await client.query(
      `CREATE TABLE kept AS SELECT * FROM audit_entry; CREATE TABLE kept_head AS SELECT * FROM audit_head`,
    )
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${tampering}; COMMIT`)
    const { findings } = await verifyBooks(world.database.connectionString)
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM audit_entry;
      INSERT INTO audit_entry SELECT * FROM kept; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head; COMMIT;
      DROP TABLE kept; DROP TABLE kept_head`)
    return [...new Set(findings.map(({ check }) => check))]
  } finally {
    client.release()
  }
}

describe('what somebody does to the log behind its back is found', () => {
  test.each([
    ['a changed content', `UPDATE audit_entry SET content = replace(content, 'Ada', 'Eve') WHERE seq = 2`],
    [
      'another content with its own hash',
      `UPDATE audit_entry SET content = replace(content, 'Ada', 'Eve'),
       hash = sha256(convert_to(replace(content, 'Ada', 'Eve'), 'UTF8')) WHERE seq = 2`,
    ],
    ['a changed column', `UPDATE audit_entry SET actor_name = 'Eve' WHERE seq = 2`],
    ['a changed account', `UPDATE audit_entry SET account_id = NULL WHERE seq = 3`],
    ['a changed time', `UPDATE audit_entry SET happened_at = happened_at - interval '1 hour' WHERE seq = 3`],
    ['a row that was deleted in the middle', `DELETE FROM audit_entry WHERE seq = 3`],
    ['the last row, deleted', `DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)`],
    ['the first row, deleted', `DELETE FROM audit_entry WHERE seq = 1`],
    [
      'two rows, swapped',
      `UPDATE audit_entry SET seq = seq + 1000 WHERE seq IN (2, 3);
       UPDATE audit_entry SET seq = 1005 - seq WHERE seq > 1000`,
    ],
    ['an outcome that was whitewashed', `UPDATE audit_entry SET outcome = 'REFUSED' WHERE seq = 4`],
    ['a head that was set back', `UPDATE audit_head SET seq = 3`],
  ])('%s', async (_what, tampering) => {
    expect(await world.verify()).toBe(CLEAN)
    const found = await findingsOf(tampering)
    expect(found.length).toBeGreaterThan(0)
    expect(found.every((check) => check.startsWith('audit-'))).toBe(true)
    expect(await world.verify()).toBe(CLEAN)
  })

  test('the database itself refuses to change it', async () => {
    for (const sql of ['UPDATE audit_entry SET reason = NULL', 'DELETE FROM audit_entry', 'TRUNCATE audit_entry']) {
      await expect(world.pool.query(sql)).rejects.toThrow('append-only')
    }
  })
})

describe('the fact and its row are one', () => {
  const deed = {
    ...({ permission: 'change accounts', action: 'account.rename' } as const),
    subject: { kind: 'account', id: '01900000-0000-7000-8000-000000000001', accountId: null },
  }

  test('work that fails after it was done leaves neither', async () => {
    const before = await world.audit()
    const failing = actAs(world.deps, admin, deed, async (client) => {
      await client.query(`UPDATE account SET name = 'Half done' WHERE id = $1`, [accountId])
      throw new Error('the process was about to end')
    })
    await expect(failing).rejects.toThrow('about to end')
    expect(await world.audit()).toEqual(before)
    expect(await world.select(`SELECT FROM account WHERE name = 'Half done'`)).toEqual([])
  })

  test('a connection that is killed in the middle leaves neither', async () => {
    const before = [await world.audit(), await world.wallet(accountId)]
    const blocker = await world.pool.connect()
    await blocker.query('BEGIN; SELECT FROM audit_head FOR UPDATE')
    const asking = requestAdjustmentFor(world.deps, admin, creditFor(accountId, UNIT)).catch((error: Error) => error)
    // It waits for the head of the log, with its entry written.
    let waiting: { pid: number }[] = []
    while (waiting.length === 0) {
      waiting = await world.select<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%audit_head%' AND datname = current_database()`,
      )
    }
    await blocker.query('SELECT pg_terminate_backend($1)', [waiting[0]?.pid])
    expect(await asking).toBeInstanceOf(Error)
    await blocker.query('ROLLBACK')
    blocker.release()
    expect([await world.audit(), await world.wallet(accountId)]).toEqual(before)
    expect(await world.verify()).toBe(CLEAN)
  })

  test('a row that cannot be written undoes the fact', async () => {
    const before = await world.wallet(accountId)
    const nobody = { ...admin, name: null as unknown as string }
    await expect(requestAdjustmentFor(world.deps, nobody, creditFor(accountId, UNIT))).rejects.toThrow('actor_name')
    expect(await world.wallet(accountId)).toEqual(before)
    expect(await world.verify()).toBe(CLEAN)
  })
})

test('many acts at once are numbered without a gap', async () => {
  const support = await world.operator('SUPPORT')
  const acts = Array.from({ length: 30 }, (_, index) =>
    refusal(requestAdjustmentFor(world.deps, index % 2 ? admin : support, creditFor(accountId, UNIT))),
  )
  const codes = await Promise.all(acts)
  expect(codes.filter((code) => code === 'not_allowed')).toHaveLength(15)
  expect(codes.filter((code) => code === 'no refusal')).toHaveLength(15)
  expect(await world.verify()).toBe(CLEAN)
})

test('codes are made and disabled with their rows, and no row redeems one', async () => {
  const asked = { count: 3, amountNano: UNIT, currency: 'USD', creditDays: 30, expiresAt: null, note: 'Fair' }
  const made = await createCodesFor(world.deps, admin, { ...asked, idempotencyKey: 'codes' })
  if (made.outcome !== 'created') throw new Error('made before')
  await createCodesFor(world.deps, admin, { ...asked, idempotencyKey: 'codes' })
  const [first] = made.codes
  await disableCodeFor(world.deps, admin, first?.id ?? '')
  await disableCodeFor(world.deps, admin, first?.id ?? '')
  expect(await refusal(disableCodeFor(world.deps, admin, accountId))).toBe('code_not_found')
  const acts = (await world.audit()).filter(({ action }) => action.startsWith('code.'))
  expect(acts).toMatchObject([
    { action: 'code.create', subject_id: first?.id, after: { count: 3, note: 'Fair' } },
    { action: 'code.disable', subject_id: first?.id, before: { disabledAt: null } },
  ])
  const log = JSON.stringify(await world.select('SELECT content FROM audit_entry'))
  for (const { code } of made.codes) expect(log).not.toContain(code)
})

test('sellers and rates say what they were', async () => {
  await writeSellerFor(world.deps, admin, null, { ...SELLER, legalName: 'Renamed GmbH' })
  const rate = { territory: 'DE', from: '2027-01-01', rateBps: 2_000, source: 'An act of parliament' }
  await addTaxRateFor(world.deps, admin, rate)
  await addTaxRateFor(world.deps, admin, { ...rate, rateBps: 2_100 })
  const acts = (await world.audit()).filter(({ action }) => /^(seller|tax-rate)/.test(action))
  expect(acts).toMatchObject([
    { before: { legalName: 'Farebox Operations GmbH' }, after: { legalName: 'Renamed GmbH' } },
    { subject_id: 'DE 2027-01-01', before: null, after: { rateBps: 2_000 } },
    { before: { rateBps: 2_000 }, after: { rateBps: 2_100 } },
  ])
})

test('a webhook that failed is replayed once, with its row; one that did not is not', async () => {
  const event = {
    id: 'evt_office',
    type: 'customer.created',
    livemode: false,
    created: 1_790_000_000,
    data: { object: {} },
  }
  const keep = (state: string) =>
    world.pool.query(
      `INSERT INTO webhook_event (id, provider, type, livemode, state, payload, attempts, occurred_at, received_at)
       VALUES ($1, 'STRIPE', $2, false, $3::webhook_state, $4, 1, now(), now())
       ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
      [event.id, event.type, state, JSON.stringify(event)],
    )
  const counted: string[] = []
  const stripe = { livemode: false, api: null }
  const deps = { ...world.deps, stripe, vatRegister: null, count: (outcome: string) => counted.push(outcome) }
  const replay = () => replayWebhookFor(deps as unknown as Parameters<typeof replayWebhookFor>[0], admin, event.id)
  expect(await refusal(replay())).toBe('order_not_found')
  await keep('FAILED')
  expect(await replay()).toMatchObject({ result: 'ignored' })
  expect(await refusal(replay())).toBe('order_move_refused')
  const acts = (await world.audit()).filter(({ action }) => action === 'webhook.replay')
  expect(acts).toMatchObject([{ subject_id: event.id, outcome: 'DONE', after: { result: 'ignored' } }])
  expect(counted).toEqual(['ignored'])
})

test('the log is read by who may, a reseller its own', async () => {
  const resellerId = await world.reseller()
  const owner = await world.member(resellerId, 'OWNER')
  const customer = await world.customer({ resellerId })
  await requestAdjustmentFor(world.deps, owner, creditFor(customer, UNIT))
  await requestAdjustmentFor(world.deps, admin, creditFor(customer, UNIT))
  expect((await listActs(world.deps, owner)).map(({ actorName }) => actorName)).toEqual([owner.name])
  const [latest, ...rest] = await listActs(world.deps, admin, { accountId: customer })
  expect([latest?.actorName, rest.length]).toEqual(['Ada', 1])
  expect(await listActs(world.deps, admin, { before: latest?.seq ?? null })).not.toContainEqual(latest)
})

test('acts that share a transaction keep the order in which they were done', async () => {
  const { recordAct } = await import('../../src/audit/record-act.ts')
  const act = {
    actor: admin,
    action: 'test.act',
    subjectKind: 'test',
    accountId: null,
    outcome: 'DONE',
    reason: null,
  } as const
  await inTransaction(world.pool, async (client) => {
    for (const subjectId of ['first', 'second']) {
      await recordAct(client, world.clock, { ...act, subjectId, before: null, after: { nano: 1n, at: new Date(0) } })
    }
  })
  expect((await world.audit()).slice(-2)).toMatchObject([
    { subject_id: 'first', after: { nano: '1', at: '1970-01-01T00:00:00.000Z' } },
    { subject_id: 'second' },
  ])
  expect(await world.verify()).toBe(CLEAN)
})
