import { hash } from 'node:crypto'
import type { PoolClient } from 'pg'
import { z } from 'zod'
import { CATALOG_LOCK, REASON_MAX } from '../catalog/apply-catalog.ts'
import { writeCatalog } from '../catalog/write-catalog.ts'
import { inTransaction } from '../db/transaction.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { type Actor, type Invalid, invalid, type MarginDeps } from './margin-deps.ts'
import { type PlannedChange, planPriceChange } from './plan-price-change.ts'
import { type PriceChange, type ReadPriceChange, readPriceChange } from './price-change.ts'
import { accountsOf, checkPlan, floorFor, type ProposalRefusal } from './propose-price-change.ts'
import { readCatalogIn } from './read-catalog.ts'
import { findSavedChange, insertPriceChange, isRuleRetired } from './sql/price-changes.ts'

/** Shorter ones explain nothing. */
export const REASON_MIN = 10
const KEY_LENGTH_MAX = 255
const VERSIONS_MAX = 1_000

const envelope = z.strictObject({
  basedOn: z.array(z.uuid({ error: 'expected an id' }).toLowerCase()).max(VERSIONS_MAX),
  idempotencyKey: z.string().min(1).max(KEY_LENGTH_MAX),
  acknowledgement: z
    .strictObject({
      reason: z
        .string()
        .trim()
        .min(REASON_MIN, { error: `expected a reason of at least ${REASON_MIN} characters` })
        .max(REASON_MAX, { error: `expected a reason of at most ${REASON_MAX} characters` }),
    })
    .optional(),
})

export interface SavePriceChange {
  change: PriceChange
  /** The versions that the proposal was made on. */
  basedOn: string[]
  /** Why prices under the floor, or models without a price, are meant. */
  acknowledgement?: { reason: string }
  idempotencyKey: string
  actor: Actor
}

export type SavedPriceChange =
  | {
      ok: true
      changeId: string
      /** The new version, or the rule that was retired. */
      versionId: string
      effectiveFrom: Date
      lines: string[]
      /** What was acknowledged. */
      breaches: string[]
      /** The same call was made before; nothing was written now. */
      repeated: boolean
    }
  | ProposalRefusal
  /** Somebody else has changed the same price since. */
  | { ok: false; reason: 'changed_meanwhile'; basedOn: string[] }
  | { ok: false; reason: 'under_margin_floor'; floorBps: number; breaches: string[] }
  | { ok: false; reason: 'idempotency_conflict' }

/**
 * Writes a new version of a price, or retires a rule: one transaction, once per key. Every gateway hears of it when it
 * commits, as triggers of the tables tell them.
 */
export async function savePriceChange(deps: MarginDeps, asked: SavePriceChange): Promise<SavedPriceChange> {
  const { actor, change: written, ...rest } = asked
  const read = readPriceChange(written)
  if (!read.ok) return read
  const parsed = envelope.safeParse(rest)
  if (!parsed.success) return problemsOf(parsed.error)
  return inTransaction(deps.pool, async (client) => {
    await client.query(CATALOG_LOCK)
    return saveLocked(deps, client, {
      ...parsed.data,
      change: read.change,
      bodyHash: hashOf({ change: written, for: actor.resellerId }),
      actor,
    })
  })
}

interface LockedSave extends z.output<typeof envelope> {
  change: ReadPriceChange
  bodyHash: Buffer
  actor: Actor
}

async function saveLocked(deps: MarginDeps, client: PoolClient, save: LockedSave): Promise<SavedPriceChange> {
  const { actor, change, bodyHash } = save
  const saved = await findSavedChange(client, actor.userId, save.idempotencyKey)
  if (saved !== null) {
    const { bodyHash: before, ...result } = saved
    return before.equals(bodyHash)
      ? { ok: true, ...result, repeated: true }
      : { ok: false, reason: 'idempotency_conflict' }
  }
  const now = new Date(deps.clock.now())
  const catalog = await readCatalogIn(client, now, accountsOf([change], actor))
  const planned = planPriceChange(catalog.state, change, { now, newId: () => uuidV7(deps.clock), actor })
  if (!planned.ok) return (await findChangedMeanwhile(client, save, planned, now)) ?? planned
  const { plan } = planned
  if (plan.basedOn.join() !== save.basedOn.toSorted().join()) {
    return { ok: false, reason: 'changed_meanwhile', basedOn: plan.basedOn }
  }
  const { breaches } = checkPlan(deps, catalog, plan, actor, now)
  if (breaches.length > 0 && save.acknowledgement === undefined) {
    return { ok: false, reason: 'under_margin_floor', floorBps: floorFor(actor, catalog.floorBps), breaches }
  }
  const changeId = uuidV7(deps.clock)
  await write(deps, client, plan, now)
  await insertPriceChange(client, {
    ...{ id: changeId, kind: plan.kind, versionId: plan.versionId, sellerId: plan.sellerId, actorId: actor.userId },
    ...{ idempotencyKey: save.idempotencyKey, bodyHash, effectiveFrom: plan.effectiveFrom, lines: plan.lines },
    ...{ floorBps: catalog.floorBps, breaches, reason: save.acknowledgement?.reason ?? null, createdAt: now },
  })
  const { versionId, effectiveFrom, lines } = plan
  return { ok: true, changeId, versionId, effectiveFrom, lines, breaches, repeated: false }
}

/** What cannot be done now may have been done by somebody else: then that is what has to be told. */
async function findChangedMeanwhile(
  client: PoolClient,
  { change, actor, basedOn }: LockedSave,
  refusal: ProposalRefusal,
  now: Date,
): Promise<SavedPriceChange | null> {
  if (refusal.reason === 'same' && refusal.basedOn.join() !== basedOn.toSorted().join()) {
    return { ok: false, reason: 'changed_meanwhile', basedOn: refusal.basedOn }
  }
  const isRetired = change.kind === 'RETIRE_RULE' && (await isRuleRetired(client, change.ruleId, actor.resellerId, now))
  return isRetired ? { ok: false, reason: 'changed_meanwhile', basedOn: [] } : null
}

/** No API key is among the writes, so nothing is sealed. */
const NO_SECRET = ''

async function write(deps: MarginDeps, client: PoolClient, plan: PlannedChange, now: Date): Promise<void> {
  await writeCatalog(client, plan.writes, { secret: NO_SECRET, now })
  await deps.record?.(client, {
    action: plan.kind === 'RETIRE_RULE' ? 'price_rule.retire' : `${plan.kind.toLowerCase()}.create`,
    subjectKind: plan.kind === 'RETIRE_RULE' ? 'price_rule' : plan.kind.toLowerCase(),
    subjectId: plan.versionId,
    before: plan.before,
    after: plan.written,
  })
}

function problemsOf(error: z.ZodError): Invalid {
  const [first] = error.issues
  if (first === undefined) return invalid('', 'expected a change')
  const problems = error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
  return { ok: false, reason: 'invalid', problems }
}

/** The same for the same content, in whatever order its fields come. */
function hashOf(body: unknown): Buffer {
  const text = JSON.stringify(body, (_key, value: unknown) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
  return hash('sha256', text, 'buffer')
}
