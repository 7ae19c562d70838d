import { z } from 'zod'
import type { Actor } from '../../../accounts/actor.ts'
import { may } from '../../../accounts/permissions.ts'
import type { Invalid, MarginDeps, NotFound } from '../../../margins/margin-deps.ts'
import { type MarginTable, marginTable } from '../../../margins/margin-table.ts'
import { permissionToLook } from './who-may.ts'

/** More plans or resellers are chosen from the account's own page, whose link names the account. */
const AUDIENCES_MAX = 200

const text = z.preprocess((value) => (value === '' ? undefined : value), z.string().max(100).optional())
const day = z.iso.date({ error: 'expected a day such as 2026-11-21' })

/** The address of the page: whose prices, and of which day (its first instant, UTC). */
const asked = z.object({
  asOf: z.preprocess((value) => (value === '' ? undefined : value), day.optional()),
  account: text,
  plan: text,
  seller: text,
})

/** Somebody whose prices can be asked for. */
interface AudienceChoice {
  readonly value: string
  readonly label: string
}

/** The margin table as the page's address asks for it. */
export function askedTable(deps: MarginDeps, actor: Actor, query: unknown): Promise<MarginTable | Invalid | NotFound> {
  const read = asked.safeParse(query)
  if (!read.success) {
    const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
    return Promise.resolve({ ok: false, reason: 'invalid', problems })
  }
  const { asOf, account, plan, seller } = read.data
  return marginTable(deps, {
    ...(asOf !== undefined && { asOf: new Date(asOf) }),
    ...(account !== undefined && { accountId: account }),
    ...(plan !== undefined && { planId: plan }),
    ...(seller !== undefined && { sellerId: seller }),
    actor,
  })
}

/** The table with what its page offers: whom prices can be asked for, what this person may change. */
export async function marginsPage(deps: MarginDeps, actor: Actor, query: unknown) {
  const table = await askedTable(deps, actor, query)
  if (!table.ok) return table
  return {
    ...table,
    side: actor.side,
    now: deps.clock.now(),
    audiences: await readAudiences(deps, actor),
    mayChangeCosts: actor.side === 'OPERATOR' && may(actor, 'change costs'),
    mayChangePrices: may(actor, 'change prices'),
    mayLookAtCosts: may(actor, permissionToLook(actor)),
  }
}

/** Direct customers first, then plans and resellers; a reseller has its customers and the plans. */
async function readAudiences({ pool }: MarginDeps, { side }: Actor): Promise<AudienceChoice[]> {
  const plans = await pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM plan ORDER BY name, id LIMIT ${AUDIENCES_MAX}`,
  )
  const everybody = { value: '', label: side === 'OPERATOR' ? 'Direct customers' : 'Your customers' }
  const onPlan = plans.rows.map(({ id, name }) => ({ value: `plan=${id}`, label: `On plan ${name}` }))
  if (side === 'RESELLER') return [everybody, ...onPlan]
  const resellers = await pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM account WHERE kind = 'RESELLER' ORDER BY name, id LIMIT ${AUDIENCES_MAX}`,
  )
  const sold = resellers.rows.flatMap(({ id, name }) => [
    { value: `account=${id}`, label: `Reseller ${name}` },
    { value: `seller=${id}`, label: `Customers of ${name}` },
  ])
  return [everybody, ...onPlan, ...sold]
}
