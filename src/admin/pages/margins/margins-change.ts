import { z } from 'zod'
import type { Actor } from '../../../accounts/actor.ts'
import { recordAct } from '../../../audit/record-act.ts'
import type { MarginDeps } from '../../../margins/margin-deps.ts'
import type { PriceChange } from '../../../margins/price-change.ts'
import { proposePriceChange } from '../../../margins/propose-price-change.ts'
import { savePriceChange } from '../../../margins/save-price-change.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { permissionToChange, requireMay } from './who-may.ts'

/** A preview beside a form has room for so many; the rest is counted. */
const PREVIEW_ROWS = 40

/** What a change is, the use case reads; here only that it is one. */
const change = z.looseObject({ kind: z.string().max(40) })

const proposal = z.strictObject({ change })
const save = z.strictObject({
  change,
  basedOn: z.array(z.string().max(40)).max(1_000),
  idempotencyKey: z.string().min(1).max(255),
  reason: z.string().max(2_000).optional(),
})

/** The change as it was sent, with what is to be done with it. Whoever may not change such prices has been refused. */
async function readBody<Body extends { change: { kind: string } }>(
  deps: AdminDeps,
  actor: Actor,
  schema: z.ZodType<Body>,
  body: unknown,
  action: string,
) {
  const read = schema.safeParse(body)
  if (!read.success) {
    const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
    return { ok: false as const, reason: 'invalid' as const, problems }
  }
  await requireMay(deps, actor, permissionToChange(read.data.change.kind), action)
  return { ok: true as const, body: read.data }
}

/** What a change would do: prices before and after, and what would have to be acknowledged. Writes nothing. */
export async function proposeChange(deps: AdminDeps, margins: MarginDeps, actor: Actor, body: unknown) {
  const read = await readBody(deps, actor, proposal, body, 'prices.propose')
  if (!read.ok) return read
  const proposed = await proposePriceChange(margins, { change: read.body.change as PriceChange, actor })
  return proposed.ok ? { ...proposed, rows: proposed.rows.slice(0, PREVIEW_ROWS) } : proposed
}

/** Saves a change with its audit row, in one transaction, once per key. */
export async function saveChange(deps: AdminDeps, margins: MarginDeps, actor: Actor, body: unknown) {
  const read = await readBody(deps, actor, save, body, 'prices.change')
  if (!read.ok) return read
  const { reason, ...asked } = read.body
  return savePriceChange(witnessed(margins, actor, reason ?? null), {
    ...{ ...asked, change: asked.change as PriceChange, actor },
    ...(reason !== undefined && reason.trim() !== '' && { acknowledgement: { reason } }),
  })
}

/** The act is written down in the transaction of the change. */
function witnessed(margins: MarginDeps, actor: Actor, reason: string | null): MarginDeps {
  const { userId, name, role, side, resellerId, clientIp } = actor
  const who = { userId, name, role, side, resellerId, clientIp }
  return {
    ...margins,
    record: async (client, act) => {
      await recordAct(client, margins.clock, {
        ...{ ...act, actor: who, accountId: resellerId, outcome: 'DONE' },
        reason: reason === null || reason.trim() === '' ? null : reason.trim(),
      })
    },
  }
}
