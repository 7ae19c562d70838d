import { type CostProfileRow, type ListPriceRow, toCardVersion } from '../catalog/catalog-rows.ts'
import type { CatalogState } from '../catalog/catalog-state.ts'
import { describeCard, describeCardChange } from '../catalog/describe-price.ts'
import { decideVersion } from '../catalog/plan-versions.ts'
import { rateCardToJson } from '../pricing/rate-card.ts'
import { invalid, NOT_FOUND } from './margin-deps.ts'
import type { Planned, PlannedChange, PlanTools } from './plan-price-change.ts'
import type { ReadPriceChange } from './price-change.ts'
import { versionsAhead } from './versions-ahead.ts'

type CardChange = ReadPriceChange & { kind: 'COST_PROFILE' | 'LIST_PRICE' }

/** A new version of what a provider charges us, or of its public price. Both are the operator's alone. */
export function planCard(state: CatalogState, change: CardChange, tools: PlanTools): Planned {
  if (tools.actor.resellerId !== null) return NOT_FOUND
  const subject = change.kind === 'COST_PROFILE' ? costOf(state, change) : listPriceOf(state, change)
  if (subject === undefined) return NOT_FOUND
  const { now } = tools
  const rates = rateCardToJson(change.card)
  const decided = decideVersion(
    subject.rows.map(toCardVersion),
    {
      effectiveFrom: change.effectiveFrom,
      isSameAs: ({ card }) => JSON.stringify(rateCardToJson(card)) === JSON.stringify(rates),
    },
    now,
  )
  if (decided.decision === 'refused') return invalid('effectiveFrom', decided.reason)
  if (decided.decision === 'same') return { ok: false, reason: 'same', basedOn: versionsAhead(subject.rows, now) }
  const { effectiveFrom, replaces } = decided
  const id = tools.newId()
  const source = change.source ?? null
  const from = effectiveFrom.toISOString()
  const values = { id, ...subject.key, rates, source }
  const plan: PlannedChange = {
    after: subject.with({ id, currency: 'USD', rates, effective_from: effectiveFrom.getTime() }),
    writes: [{ write: 'insert', table: subject.table, values: { ...values, effective_from: effectiveFrom } }],
    lines: [
      replaces === undefined
        ? `+ ${subject.name} ${describeCard(change.card)} (from ${from})`
        : `~ ${subject.name} ${describeCardChange(replaces.card, change.card)} (new version from ${from})`,
    ],
    kind: change.kind,
    versionId: id,
    sellerId: null,
    basedOn: versionsAhead(subject.rows, now),
    effectiveFrom,
    routeIds: new Set(subject.routes.map((route) => route.id)),
    before: subject.rows.find((row) => row.id === replaces?.id) ?? null,
    written: { ...values, effectiveFrom: from },
  }
  return { ok: true, plan }
}

type NewCard = Pick<CostProfileRow, 'id' | 'currency' | 'rates' | 'effective_from'>

/** Where a card belongs: its versions, its columns, the routes that it prices. */
interface CardSubject {
  name: string
  table: 'cost_profile' | 'list_price'
  key: Record<string, string>
  rows: (CostProfileRow | ListPriceRow)[]
  routes: CatalogState['routes']
  with(card: NewCard): CatalogState
}

function costOf(state: CatalogState, change: CardChange & { kind: 'COST_PROFILE' }): CardSubject | undefined {
  const provider = state.providers.find((row) => row.id === change.providerId)
  const key = { provider_id: change.providerId, upstream_model: change.upstreamModel }
  const isOfKey = (row: typeof key) => row.provider_id === key.provider_id && row.upstream_model === key.upstream_model
  const routes = state.routes.filter(isOfKey)
  // A cost that no route has would be a slip of the name.
  if (provider === undefined || routes.length === 0) return undefined
  return {
    name: `cost ${provider.slug}/${change.upstreamModel}`,
    table: 'cost_profile',
    key,
    rows: state.costProfiles.filter(isOfKey),
    routes,
    with: (card) => ({ ...state, costProfiles: [...state.costProfiles, { ...key, ...card }] }),
  }
}

function listPriceOf(state: CatalogState, change: CardChange & { kind: 'LIST_PRICE' }): CardSubject | undefined {
  const model = state.models.find((row) => row.id === change.modelId)
  if (model === undefined) return undefined
  const key = { model_id: model.id }
  return {
    name: `list price of ${model.name}`,
    table: 'list_price',
    key,
    rows: state.listPrices.filter((row) => row.model_id === model.id),
    routes: state.routes.filter((row) => row.model_id === model.id),
    with: (card) => ({ ...state, listPrices: [...state.listPrices, { ...key, ...card }] }),
  }
}
