import type pg from 'pg'
import { rounded } from './bench.ts'
import { chatBody } from './chat-request.ts'
import type { ToppedUpAccount } from './money-in-accounts.ts'
import type { FareboxProcess } from './money-in-farebox.ts'
import { type Ground, noteAim, type Scene } from './money-in-ground.ts'
import { moneyInRow, percentilesOf } from './money-in-load.ts'

const P50_MS_MAX = 1_000
const AT_ONCE = 20

/** One half of the accounts cross their threshold one after the other, the other half twenty at once. */
export async function measureCrossings(
  ground: Ground,
  scene: Scene,
  target: string,
  accounts: readonly ToppedUpAccount[],
): Promise<void> {
  const half = accounts.length / 2
  for (const [atOnce, crossing] of [
    [1, accounts.slice(0, half)],
    [AT_ONCE, accounts.slice(half)],
  ] as const) {
    const latenciesMs = await cross(scene, crossing, atOnce)
    const what = `threshold crossed → charge asked for${atOnce === 1 ? '' : `, ${atOnce} at once`}`
    const count = crossing.length
    ground.result.rows.push(moneyInRow({ what, target, inFlight: atOnce, count, latenciesMs }))
    const { p50 } = percentilesOf(latenciesMs)
    noteAim(
      ground.result,
      `${what}, ${target}: ${rounded(p50)} ms (median)`,
      `under ${P50_MS_MAX} ms`,
      p50 < P50_MS_MAX,
    )
  }
}

/**
 * Lets every account cross its threshold with a paid request, so many at once, and takes the time from the last byte of
 * the answer (the capture is committed before it) until the request for the charge arrives. The next ones begin when all
 * of these charges have been asked for.
 */
async function cross(
  { pool, simulator, farebox }: Scene,
  accounts: readonly ToppedUpAccount[],
  atOnce: number,
): Promise<number[]> {
  const answeredAt = new Map<string, bigint>()
  for (let from = 0; from < accounts.length; from += atOnce) {
    const crossing = accounts.slice(from, from + atOnce)
    const charged = simulator.charged(simulator.charges.size + crossing.length)
    const spent = crossing.map(async (account) => {
      await spend(farebox, account)
      answeredAt.set(account.accountId, process.hrtime.bigint())
    })
    await Promise.all([charged, ...spent])
  }
  const latenciesMs: number[] = []
  const orders = await ordersOf(pool, accounts)
  for (const [accountId, orderId] of orders) {
    const chargedAt = simulator.charges.get(orderId)
    const startedAt = answeredAt.get(accountId)
    if (chargedAt === undefined || startedAt === undefined) throw new Error(`order ${orderId} was never charged`)
    latenciesMs.push(Number(chargedAt - startedAt) / 1e6)
  }
  await simulator.idle()
  await assertPaid(pool, accounts)
  return latenciesMs
}

async function spend(
  { port, model }: Pick<FareboxProcess, 'port' | 'model'>,
  { accessKey }: ToppedUpAccount,
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessKey}` },
    body: chatBody({ model }, { isStream: false }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`a paid request was answered ${response.status}: ${text.slice(0, 500)}`)
}

/** The one top-up of each account. */
async function ordersOf(pool: pg.Pool, accounts: readonly ToppedUpAccount[]): Promise<[string, string][]> {
  const { rows } = await pool.query<{ account_id: string; id: string }>(
    `SELECT account_id, id FROM payment_order WHERE kind = 'AUTO_TOP_UP' AND account_id = ANY ($1::uuid[])`,
    [accounts.map(({ accountId }) => accountId)],
  )
  if (rows.length !== accounts.length) throw new Error(`${accounts.length} crossings led to ${rows.length} top-ups`)
  return rows.map(({ account_id, id }) => [account_id, id])
}

async function assertPaid(pool: pg.Pool, accounts: readonly ToppedUpAccount[]): Promise<void> {
  const { rows } = await pool.query<{ paid: number }>(
    `SELECT count(*)::int AS paid FROM payment_order
     WHERE kind = 'AUTO_TOP_UP' AND state = 'PAID' AND account_id = ANY ($1::uuid[])`,
    [accounts.map(({ accountId }) => accountId)],
  )
  if (rows[0]?.paid !== accounts.length) throw new Error(`${rows[0]?.paid} of ${accounts.length} top-ups were paid`)
}
