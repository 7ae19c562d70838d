import { formatMoney } from '../../money/format-money.ts'
import type { Generation } from '../../reports/usage/generation.ts'
import { type BadgeTone, badge, type StatusBadge } from '../status-badge.ts'
import { type ShownMoney, shownCost, shownCount } from '../usage/shown-figures.ts'

const STATUSES: Readonly<Record<Generation['status'], readonly [word: string, tone: BadgeTone, meaning: string]>> = {
  COMPLETED: ['Completed', 'done', 'The answer was delivered whole.'],
  CLIENT_ABORTED: [
    'Cut by you',
    'over',
    'The connection was closed before the answer was whole. What was produced was charged.',
  ],
  PROVIDER_ABORTED: ['Cut by provider', 'action', 'The provider broke the answer off. What was delivered was charged.'],
  FAILED: ['Failed', 'failed', 'There was no answer, and nothing was charged.'],
  ABANDONED: ['Abandoned', 'over', 'It never came to an end, and nothing was charged.'],
}

export const STATUS_NAMES = Object.entries(STATUSES).map(([value, [name]]) => ({ value, name }))

/** A request as a line of the list, and on its own page. Everything is text. */
export interface ShownRequest {
  readonly id: string
  readonly at: number
  readonly provider: string
  readonly model: string
  readonly surface: string
  readonly prompt: string
  readonly cached: string
  readonly cacheWritten: string
  readonly completion: string
  readonly reasoning: string
  readonly cost: ShownMoney
  /** Null = there is no public price. */
  readonly market: ShownMoney | null
  readonly saved: string | null
  readonly latency: string
  readonly firstByte: string | null
  readonly badge: StatusBadge
  readonly meaning: string
  readonly httpStatus: number
  readonly errorCode: string | null
  readonly keyId: string
  readonly keyName: string
  readonly projectName: string
  readonly clientIp: string
  readonly streaming: string
  readonly userAgent: string
  readonly attempts: string
  /** Whose figures the tokens are, and whose key it was. */
  readonly notes: readonly string[]
}

export function shownRequest(of: Generation): ShownRequest {
  const [word, tone, meaning] = STATUSES[of.status]
  const { currency } = of
  return {
    ...{ id: of.id, at: of.at, model: of.model, surface: of.surface, provider: of.providerName ?? 'None reached' },
    prompt: shownCount(of.inputTokens + of.cacheReadTokens + of.cacheWriteTokens),
    cached: shownCount(of.cacheReadTokens),
    cacheWritten: shownCount(of.cacheWriteTokens),
    completion: shownCount(of.outputTokens),
    reasoning: shownCount(of.reasoningTokens),
    cost: shownCost(of.costNano, currency),
    market: of.marketNano === null ? null : shownCost(of.marketNano, currency),
    saved: of.marketNano === null ? null : formatMoney(of.marketNano - of.costNano, currency, 'requestCost'),
    latency: shownDuration(of.latencyMs),
    firstByte: of.firstByteMs === null ? null : shownDuration(of.firstByteMs),
    ...{ badge: badge(word, tone), meaning, httpStatus: of.httpStatus, errorCode: of.errorCode },
    ...{ keyId: of.accessKeyId, keyName: of.keyName ?? of.accessKeyId, projectName: of.projectName ?? of.projectId },
    ...{ clientIp: of.clientIp ?? '–', userAgent: of.userAgent ?? '–', streaming: of.streaming ? 'Yes' : 'No' },
    attempts: shownCount(of.attempts),
    notes: [
      ...(of.estimated ? ['The provider reported no tokens: they were counted here.'] : []),
      ...(of.ownKey ? ['The provider was called with your own key.'] : []),
    ],
  }
}

/** "840 ms", "12.4 s". */
function shownDuration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`
}
