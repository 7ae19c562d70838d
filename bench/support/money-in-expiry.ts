import pg from 'pg'
import { systemClock } from '../../src/lib/clock.ts'
import { verifyBooks } from '../../src/verify-books.ts'
import { rounded } from './bench.ts'
import {
  assertExpiredOnce,
  createExpiringWallets,
  expireOneByOne,
  ONE_BY_ONE_CONNECTIONS,
  runSweepers,
  startSweeper,
} from './money-in-expiring-wallets.ts'
import { type Ground, noteAim } from './money-in-ground.ts'
import { type MoneyInLoad, moneyInRow, perSecond } from './money-in-load.ts'

const ONE = 'one process'
const TWO = 'two processes'
const ONE_BY_ONE = 'one transaction per wallet'
const SECONDS_MAX = 30

const HOUR_MS = 3_600_000
const POOL_CONNECTIONS = 2

/** Three groups of wallets, each expiring at a minute of its own and booked in a way of its own. */
export async function measureExpiry(ground: Ground): Promise<void> {
  const connectionString = await ground.server.createDatabase('money_in_expiry')
  const pool = new pg.Pool({ connectionString, max: POOL_CONNECTIONS })
  try {
    summarize(ground, await expireInThreeWays(ground, pool, connectionString))
  } finally {
    await pool.end()
  }
  const { ok, findings } = await verifyBooks(connectionString)
  if (!ok) throw new Error(`the books are broken after the expiry: ${JSON.stringify(findings[0])}`)
}

type Loads = Readonly<Record<typeof ONE | typeof TWO | typeof ONE_BY_ONE, MoneyInLoad>>

async function expireInThreeWays({ size, progress }: Ground, pool: pg.Pool, connectionString: string): Promise<Loads> {
  progress('money-in: wallets that expire')
  const startsAt = systemClock.now()
  const expiringAfter = (hours: number, count: number) =>
    createExpiringWallets(pool, connectionString, count, startsAt + hours * HOUR_MS)
  const groups = [
    await expiringAfter(1, size.wallets),
    await expiringAfter(2, size.wallets),
    await expiringAfter(3, size.walletsOneByOne),
  ] as const
  // Statistics as a database has them that was not filled a second ago.
  await pool.query('VACUUM ANALYZE')
  const sweepers = [await startSweeper(connectionString), await startSweeper(connectionString)]
  progress('money-in: expiry')
  try {
    const loads: Loads = {
      [ONE]: await runSweepers(sweepers.slice(0, 1), groups[0]),
      [TWO]: await runSweepers(sweepers, groups[1]),
      [ONE_BY_ONE]: await expireOneByOne(connectionString, groups[2]),
    }
    for (const group of groups) await assertExpiredOnce(pool, group)
    return loads
  } finally {
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()))
  }
}

function summarize({ size, result }: Ground, loads: Loads): void {
  const what = `${size.wallets.toLocaleString('en-US')} wallets expire`
  for (const target of [ONE, TWO, ONE_BY_ONE] as const) {
    const { count, durationMs } = loads[target]
    const inFlight = target === ONE_BY_ONE ? ONE_BY_ONE_CONNECTIONS : null
    result.rows.push(moneyInRow({ what, target, inFlight, count, durationMs }))
  }
  for (const [of, to] of [
    [ONE, ONE_BY_ONE],
    [TWO, ONE],
  ] as const) {
    const value = rounded(perSecond(loads[of]) / perSecond(loads[to]))
    result.ratios.push({ what, figure: 'per second', of, to, value })
  }
  for (const target of [ONE, TWO] as const) {
    const seconds = rounded(loads[target].durationMs / 1000) as number
    noteAim(result, `${what}, ${target}: ${seconds} s`, `under ${SECONDS_MAX} s`, seconds < SECONDS_MAX)
  }
}
