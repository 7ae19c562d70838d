import type { LotAmount } from './lot.ts'

/** A reservation for a request in flight. Whoever deletes its row books the charge. */
export interface Hold {
  requestId: string
  accountId: string
  amountNano: bigint
  lots: LotAmount[]
  budgetIds: readonly string[]
  resellerId: string | null
  resellerAmountNano: bigint
  resellerLots: LotAmount[]
  instanceId: string
  projectId: string
  accessKeyId: string
  model: string
  surface: string
  streaming: boolean
  costBoundNano: bigint
  outputTokensMax: number
  authorizedAt: number
  deadlineAt: number
}
