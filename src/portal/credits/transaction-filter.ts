import type { EntryKind } from '../../ledger/entry.ts'
import { DAY_MS } from '../../reports/hours.ts'
import { fieldOf, type Problems } from './form-fields.ts'

/** What movements can be narrowed to, in words of their own. */
export const TRANSACTION_TYPES = [
  { slug: '', label: 'Everything', kinds: [] },
  { slug: 'purchases', label: 'Purchases', kinds: ['PURCHASE', 'MANUAL_SETTLEMENT'] },
  { slug: 'top-ups', label: 'Automatic top-ups', kinds: ['AUTO_TOP_UP'] },
  { slug: 'usage', label: 'Usage', kinds: ['USAGE_DEBIT'] },
  { slug: 'grants', label: 'Bonus and promotional credit', kinds: ['GRANT'] },
  { slug: 'refunds', label: 'Refunds', kinds: ['REFUND'] },
  { slug: 'disputes', label: 'Disputes', kinds: ['DISPUTE', 'DISPUTE_REVERSAL'] },
  { slug: 'adjustments', label: 'Adjustments', kinds: ['ADJUSTMENT'] },
  { slug: 'expiry', label: 'Expired and extended credit', kinds: ['EXPIRY', 'EXTENSION'] },
] as const satisfies readonly { slug: string; label: string; kinds: readonly EntryKind[] }[]

/** Usage: by the day, or each request. */
export type UsageView = 'daily' | 'each'

/** The view as its address says it; what an address says wrongly is a problem and filters nothing. */
export interface TransactionFilter {
  type: string
  kinds: EntryKind[]
  usage: UsageView
  /** Days in UTC as YYYY-MM-DD, the last one included; '' = no bound. */
  from: string
  to: string
  /** The same as a half-open range, in milliseconds since the epoch. */
  fromAt: number | null
  toAt: number | null
  /** The entry that the page ends before. */
  before: bigint | null
  problems: Problems
}

const DAY = /^(20|21)\d\d-\d\d-\d\d$/
/** An entry's number is a BIGINT. */
const SEQ = /^[1-9]\d{0,17}$/

export function readTransactionFilter(query: unknown): TransactionFilter {
  const typeSlug = fieldOf(query, 'type')
  const type = TRANSACTION_TYPES.find(({ slug }) => slug === typeSlug) ?? TRANSACTION_TYPES[0]
  const [from, to, before] = [fieldOf(query, 'from'), fieldOf(query, 'to'), fieldOf(query, 'before')]
  const fromAt = startOfDay(from)
  const lastDayAt = startOfDay(to)
  const problems: Problems = {
    ...(type.slug !== typeSlug && { type: 'Choose a type from the list.' }),
    ...(fromAt === undefined && { from: 'Expected a date such as 2026-11-01.' }),
    ...(lastDayAt === undefined && { to: 'Expected a date such as 2026-11-30.' }),
    ...(fromAt != null && lastDayAt != null && fromAt > lastDayAt && { to: 'The last day is before the first.' }),
  }
  return {
    ...{ type: type.slug, kinds: [...type.kinds], usage: fieldOf(query, 'usage') === 'each' ? 'each' : 'daily' },
    // A field for a day takes nothing else.
    ...{
      from: fromAt === undefined ? '' : from,
      to: lastDayAt === undefined ? '' : to,
      fromAt: fromAt ?? null,
      toAt: lastDayAt == null ? null : lastDayAt + DAY_MS,
    },
    ...{ before: SEQ.test(before) ? BigInt(before) : null, problems },
  }
}

/** Whether anything is narrowed: an empty page means something else then. */
export function isNarrowed({ type, from, to }: TransactionFilter): boolean {
  return type !== '' || from !== '' || to !== ''
}

/** The address of a view, with changes to it; a page begins anew unless `before` says where. */
export function transactionsPath(
  { type, usage, from, to }: Pick<TransactionFilter, 'type' | 'usage' | 'from' | 'to'>,
  { path = '/transactions', before = null }: { path?: string; before?: bigint | null } = {},
): string {
  const fields = { type, from, to, usage: usage === 'each' ? 'each' : '', before: before?.toString() ?? '' }
  const said = Object.entries(fields).filter(([, value]) => value !== '')
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`
}

/** Ranges that one asks for most, ending today (UTC). */
export function rangePresets(
  filter: TransactionFilter,
  now: number,
): { label: string; path: string; isCurrent: boolean }[] {
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
  const today = dayOf(now)
  const ranges = [
    { label: 'All time', from: '', to: '' },
    { label: 'Last 7 days', from: dayOf(now - 6 * DAY_MS), to: today },
    { label: 'Last 30 days', from: dayOf(now - 29 * DAY_MS), to: today },
    { label: 'This month', from: `${today.slice(0, 7)}-01`, to: today },
  ]
  return ranges.map(({ label, from, to }) => ({
    label,
    path: transactionsPath({ ...filter, from, to }),
    isCurrent: filter.from === from && filter.to === to,
  }))
}

/** Null = none is named; undefined = it is no day. */
function startOfDay(day: string): number | null | undefined {
  if (day === '') return null
  const at = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  // A day that there is not, such as 2026-02-30, is read as one of the next month.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? at : undefined
}
