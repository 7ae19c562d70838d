import { type ExportRequest, type ExportState, stateAt } from '../../exports/export-request.ts'
import { type BadgeTone, badge, type StatusBadge } from '../status-badge.ts'
import { shownCount } from '../usage/shown-figures.ts'

const STATES: Readonly<Record<ExportState, readonly [word: string, tone: BadgeTone]>> = {
  PENDING: ['Waiting', 'waiting'],
  RUNNING: ['Being made', 'waiting'],
  DONE: ['Ready', 'done'],
  FAILED: ['Failed', 'failed'],
  EXPIRED: ['Expired', 'over'],
}

const KINDS: Readonly<Record<ExportRequest['kind'], string>> = { USAGE: 'Requests', STATEMENT: 'Statement' }
const STEPS = 100

/** An export as a line of the list, and on its own page. */
export interface ShownExport {
  readonly id: string
  readonly what: string
  readonly format: string
  readonly from: number
  /** The last instant within. */
  readonly until: number
  readonly badge: StatusBadge
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly rows: string
  /** Of a hundred; null = not known yet, or over. */
  readonly progress: number | null
  readonly size: string | null
  readonly error: string | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly isNarrowed: boolean
}

export function shownExport(of: ExportRequest, now: number): ShownExport {
  const state = stateAt(of, now)
  const isOpen = state === 'PENDING' || state === 'RUNNING'
  const { rowsDone, rowsTotal } = of
  return {
    ...{ id: of.id, what: KINDS[of.kind], format: of.format.toUpperCase(), from: of.from, until: of.to - 1 },
    ...{ badge: badge(...STATES[state]), isOpen, isReady: state === 'DONE', error: of.error },
    rows: rowsTotal !== null && isOpen ? `${shownCount(rowsDone)} of ${shownCount(rowsTotal)}` : shownCount(rowsDone),
    progress: isOpen && rowsTotal ? Math.floor((rowsDone * STEPS) / rowsTotal) : null,
    size: of.sizeBytes === null ? null : shownSize(of.sizeBytes),
    ...{ createdAt: of.createdAt, expiresAt: of.expiresAt, isNarrowed: Object.keys(of.filters).length > 0 },
  }
}

function shownSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
