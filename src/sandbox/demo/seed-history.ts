import type { Pool } from 'pg'
import { createAccessKeySecret } from '../../accounts/access-key-secret.ts'
import { addAccessKey } from '../../accounts/add-access-key.ts'
import type { Prisma } from '../../db/prisma.ts'
import { createAccessKeyDirectory } from '../../gateway/access-key-directory.ts'
import type { Caller } from '../../gateway/authenticate.ts'
import type { PricedCatalog } from '../../gateway/gateway.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Logger } from '../../lib/logger.ts'
import type { DemoClock } from './demo-clock.ts'
import { type DemoPurchase, demoPurchases } from './demo-purchases.ts'
import { type DemoHabits, type DemoRequest, dayOf, trafficOfDay } from './demo-traffic.ts'
import { demoBookkeeping } from './play-request.ts'

const DAY_MS = 86_400_000
/** Two whole months and a bit, so that a period has one before it to be compared with. */
export const HISTORY_DAYS = 62
/** What happens within this time is booked together: time passes in steps. */
const STEP_MS = 6 * 3_600_000

const ACME: DemoHabits & { slug: string; projects: readonly string[] } = {
  ...{ slug: 'acme', name: 'Acme Robotics', requestsPerDay: 70, keys: 3, projects: ['Assembly line', 'Support bot'] },
  models: [
    ['claude-opus-5', 1],
    ['claude-sonnet-5', 3],
    ['gpt-5.4', 2.5],
    ['gpt-5.4-mini', 4],
    ['gemini-2.5-flash', 3],
    ['claude-haiku-4-5', 2],
    ['mistral-small-2603', 1],
  ],
}
const TAILSPIN: typeof ACME = {
  ...{ slug: 'tailspin', name: 'Tailspin Toys', requestsPerDay: 25, keys: 2, projects: ['Toy finder'] },
  models: [
    ['gpt-5.4-mini', 4],
    ['gemini-2.5-flash', 2],
    ['deepseek-v4-flash', 1],
  ],
}

export interface HistoryDeps {
  pool: Pool
  prisma: Prisma
  ledger: Ledger
  catalog: PricedCatalog
  clock: DemoClock
  logger: Logger
}

/**
 * Plays the demo's past, up to now: purchases and requests, booked by the very code that books today's. A seeding that
 * was cut off goes on behind the last request that it booked.
 */
export async function seedHistory(deps: HistoryDeps, present: number): Promise<void> {
  const { clock } = deps
  const play = demoBookkeeping(deps)
  const start = dayOf(present) - HISTORY_DAYS * DAY_MS
  const resumeAt = await lastRequestAt(deps.pool)
  const customers = []
  for (const habits of [ACME, TAILSPIN]) customers.push({ habits, callers: await callersOf(deps, habits) })
  const purchases = demoPurchases(start)

  for (let day = start; day <= present; day += DAY_MS) {
    const progress = (day - start) / (present - start)
    const told = customers.flatMap(({ habits, callers }) =>
      trafficOfDay(habits, day, progress).map((request) => ({ request, caller: callers[request.key] as Caller })),
    )
    for (let from = day; from < day + DAY_MS; from += STEP_MS) {
      const isWithin = ({ at }: { at: number }) => at >= from && at < from + STEP_MS
      for (const purchase of purchases.filter(isWithin)) await buy(deps, purchase)
      const due = told.filter(({ request }) => isWithin(request) && isPlayable(request, resumeAt, present))
      clock.moveTo(from + STEP_MS)
      await Promise.all(due.map(({ caller, request }) => play(caller, request)))
    }
  }
}

function isPlayable({ at, latencyMs }: DemoRequest, resumeAt: number, present: number): boolean {
  return at > resumeAt && at + latencyMs < present
}

async function buy({ pool, clock }: HistoryDeps, purchase: DemoPurchase): Promise<void> {
  clock.moveTo(purchase.at)
  await purchase.make({ pool, clock })
}

async function lastRequestAt(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ at: Date | null }>('SELECT max(created_at) AS at FROM usage_event')
  return rows[0]?.at?.getTime() ?? 0
}

/** The customer's keys: the one that the logins tell of, and one a project. */
async function callersOf({ pool, prisma, clock }: HistoryDeps, { slug, projects }: typeof ACME): Promise<Caller[]> {
  const { id: accountId } = await prisma.account.findUniqueOrThrow({ where: { slug } })
  for (const name of projects) {
    const isThere = await prisma.accessKey.count({ where: { accountId, name } })
    if (isThere > 0) continue
    await addAccessKey(prisma, clock, { accountId, projectName: name, name, secret: createAccessKeySecret() })
  }
  const directory = createAccessKeyDirectory(pool)
  const keys = await prisma.accessKey.findMany({ where: { accountId }, orderBy: { createdAt: 'asc' } })
  const callers = await Promise.all(keys.map((key) => directory.find(Buffer.from(key.secretHash).toString('hex'))))
  return callers.filter((caller) => caller !== null)
}
