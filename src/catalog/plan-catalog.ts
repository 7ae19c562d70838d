import { open, SealBroken } from '../lib/seal.ts'
import type { CatalogFile } from './catalog-file.ts'
import { type PlanDraft, startPlan } from './catalog-plan.ts'
import type { CatalogState } from './catalog-state.ts'
import { marginBreaches } from './margin-floor.ts'
import { planModels } from './plan-models.ts'
import { planPriceRules } from './plan-price-rules.ts'
import { planProviders } from './plan-providers.ts'
import { planRoutes } from './plan-routes.ts'

export interface PlanOptions {
  now: Date
  newId: () => string
  /** `FAREBOX_SECRET` */
  secret: string
  /** A price must be at least cost × (1 + this / 10,000). */
  marginFloorBps: number
}

export interface CatalogPlan extends Pick<PlanDraft, 'lines' | 'writes' | 'problems'> {
  /** Models that the change puts under the margin floor, with figures. */
  breaches: string[]
}

/** What has to change for the database to say what the file says. Pure but for the ids it draws. */
export function planCatalog(file: CatalogFile, state: CatalogState, options: PlanOptions): CatalogPlan {
  const draft = startPlan(state, {
    now: options.now,
    newId: options.newId,
    openKey: (sealed) => openOrUndefined(options.secret, sealed),
  })
  planProviders(draft, file)
  planModels(draft, file)
  planRoutes(draft, file)
  planPriceRules(draft, file)
  const { lines, writes, problems, after } = draft
  const breaches = problems.length > 0 ? [] : marginBreaches(state, after, options.now, options.marginFloorBps)
  return { lines, writes, problems, breaches }
}

function openOrUndefined(secret: string, sealed: string): string | undefined {
  try {
    return open(secret, Buffer.from(sealed, 'base64'))
  } catch (error) {
    if (error instanceof SealBroken) return undefined
    throw error
  }
}
