import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { creditOf } from '../ledger/ledger-fixture.ts'
import { allEvents } from '../reports/naive-usage.ts'
import { openReportWorld, type ReportWorld } from '../reports/report-world.ts'
import { DAY_MS, insertEvents } from '../reports/usage-world.ts'
import { type AdminWorld, member, staff, startAdminWorld } from './admin-world.ts'

export interface DashboardWorld {
  readonly report: ReportWorld
  readonly admin: AdminWorld
  close(): Promise<void>
}

export const FINANCE = '01890000-0000-7000-8000-0000000000a1'

/** Random usage and money of two resellers and of direct customers, with the back office on it. */
export async function openDashboardWorld(seed: number): Promise<DashboardWorld> {
  const report = await openReportWorld()
  await report.addEvents(500, seed)
  await report.rollUp()
  await addLateEvents(report)
  await seedMoney(report)
  const admin = await startAdminWorld({ database: report.database, clock: report.clock })
  admin.enter('finance', staff('FINANCE', FINANCE))
  admin.enter('support', staff('SUPPORT', uuidV7(report.clock)))
  for (const [index, resellerId] of report.resellers.entries()) {
    admin.enter(`reseller-${index}`, member('OWNER', resellerId, uuidV7(report.clock)))
    admin.enter(`viewer-${index}`, member('VIEWER', resellerId, uuidV7(report.clock)))
  }
  return {
    report,
    admin,
    async close() {
      await admin.close()
      await report.close()
    },
  }
}

/** Of the last hour, beside the sums: what no run has added to them yet. One of each seller loses money. */
async function addLateEvents({ pool, clock, customers, resellers, routes, providers }: ReportWorld): Promise<void> {
  const sellers = [resellers[0], resellers[0], resellers[1], null, null]
  const at = (index: number) => clock.now() - index * 60_000
  const events = Array.from({ length: 40 }, (_, index) => ({
    ...{ at: at(index), accountId: customers[index % 5] as string, resellerId: sellers[index % 5] as string | null },
    ...{ model: index % 3 ? 'small' : 'large', routeId: routes[index % 3] as string, seed: index * 1_000 },
    ...{ providerId: providers[index % 2] as string, status: index % 7 ? ('COMPLETED' as const) : ('FAILED' as const) },
  }))
  await insertEvents(pool, events)
  for (const index of [0, 2, 3]) {
    await pool.query(
      `INSERT INTO usage_event SELECT (jsonb_populate_record(NULL::usage_event, to_jsonb(e) || $2)).*
       FROM usage_event e WHERE account_id = $1 ORDER BY id DESC LIMIT 1`,
      [
        customers[index],
        JSON.stringify({
          ...{ id: uuidV7({ now: () => at(50) }), created_at: new Date(at(50)).toISOString(), model: 'loss' },
          ...{ cost_nano: 9_000_000_000, wholesale_nano: 5_000_000_001, price_nano: 4_000_000_003 },
        }),
      ],
    )
  }
}

/** Of every customer: lots of all kinds, orders, disputes and a top-up; an attempt of every third request. */
async function seedMoney({ pool, clock, ledger, customers, resellers, routes, providers }: ReportWorld): Promise<void> {
  const now = clock.now()
  let amount = 3_000_000n
  const next = () => {
    amount += 7_654_321n
    return amount
  }
  // A reseller's own credit and adjustments of both sides are in no figure of the others.
  await ledger.credit(creditOf(resellers[0], next(), clock, now + DAY_MS))
  for (const [index, accountId] of customers.entries()) {
    await ledger.credit(creditOf(accountId, next(), clock, now + 3 * DAY_MS))
    await ledger.credit({ ...creditOf(accountId, next(), clock), kind: 'PURCHASE' })
    await ledger.credit({
      ...creditOf(accountId, next(), clock, now + 40 * DAY_MS),
      kind: 'PURCHASE',
      promotional: true,
    })
    const order = async (kind: string, state: string, received: bigint) => {
      const id = uuidV7(clock)
      await pool.query(
        `INSERT INTO payment_order (id, reference, account_id, kind, state, provider, livemode, currency, net_minor, total_minor, credit_nano, received_minor, created_at, closed_at)
         VALUES ($1::uuid, $1::text, $2, $3::order_kind, $4, (CASE WHEN $3 = 'MANUAL' THEN 'BANK' ELSE 'STRIPE' END)::payment_provider, true, 'USD', 500, 500, 5000000000, $5, now(), now())`,
        [id, accountId, kind, state, received],
      )
      return id
    }
    await order('MANUAL', 'AWAITING_PAYMENT', next())
    await order('MANUAL', 'AWAITING_PAYMENT', 0n)
    await order('MANUAL', 'EXPIRED', next())
    const contested = await order('CHECKOUT', 'FAILED', 0n)
    for (const state of ['INQUIRY', 'OPEN', 'WON']) {
      await pool.query(
        `INSERT INTO dispute (id, order_id, account_id, provider_dispute_id, state, currency, amount_minor, reason, opened_at, closed_at)
         VALUES ($1::uuid, $2, $3, $1::text, $4::dispute_state, 'USD', $5, 'test', now(), CASE WHEN $4 = 'WON' THEN now() END)`,
        [uuidV7(clock), contested, accountId, state, next()],
      )
    }
    const consent = uuidV7(clock)
    await pool.query(
      `INSERT INTO top_up_consent (id, account_id, actor_id, actor_kind, text_version, currency, threshold_nano, amount_minor, payment_method_id, created_at)
       VALUES ($1, $2, $2, 'user', '1', 'USD', 1, 500, 'pm', now())`,
      [consent, accountId],
    )
    await pool.query(
      `INSERT INTO auto_top_up (account_id, enabled, currency, threshold_nano, amount_minor, payment_method_id, consent_id, failures, suspended_at, suspended_reason, updated_at)
       VALUES ($1, true, 'USD', 1, $2, 'pm', $3, $4, $5, $6, now())`,
      [accountId, 500 + index, consent, index % 3, index % 2 ? new Date(now) : null, index % 2 ? 'declined' : null],
    )
  }
  for (const [index, event] of (await allEvents(pool)).entries()) {
    if (index % 3) continue
    await pool.query(
      `INSERT INTO route_attempt (request_id, ordinal, route_id, provider_id, error_code, latency_ms, cost_nano, created_at)
       VALUES ($1, 1, $2, $3, 'timeout', 5, $4, $5)`,
      [event.id, routes[0], providers[0], index * 7, event.created_at],
    )
  }
}

/** The rows of a list by its address in the back office, as its export has them: by the names of the columns. */
export async function listed(admin: AdminWorld, visitor: string, href: string): Promise<Record<string, string>[]> {
  const address = href.replace(/^\/admin\/resources\/([^?]+)/, '/admin/data/export/$1.csv')
  const response = await admin.get(visitor, address)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${address}: ${text}`)
  const [names = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])))
}
