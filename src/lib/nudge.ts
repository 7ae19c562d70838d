/** A row that has work to do: which job it is for, and its id. */
export type Nudged =
  | { job: 'auto-top-up'; accountId: string }
  | { job: 'mail'; mailId: string }
  | { job: 'refund'; refundId: string }
  | { job: 'order'; orderId: string }
  | { job: 'document'; documentId: string }
  | { job: 'export'; exportId: string }
  | { job: 'webhook-delivery'; deliveryId: string }

/** Says that a row has work to do. Never throws, never waits: a nudge that is lost is made up for by the job's sweeper. */
export type Nudge = (nudged: Nudged) => void
