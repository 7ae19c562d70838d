import { AdjustmentError } from '../adjustments/adjustment-error.ts'
import { InvoicingError } from '../invoicing/invoicing-error.ts'
import { OrderError } from '../orders/order-error.ts'
import { OfficeError } from './office-error.ts'

/** A refusal as a page shows it, whichever room it comes from. */
export interface Refusal {
  readonly code: string
  /** For people. */
  readonly message: string
  /** The field at fault, as the use case names it; null = none in particular. */
  readonly field: string | null
}

/** What to tell the person who acted; null = this is no refusal but a failure, and nobody's business. */
export function refusalOf(error: unknown): Refusal | null {
  const isRefusal =
    error instanceof OfficeError ||
    error instanceof OrderError ||
    error instanceof AdjustmentError ||
    error instanceof InvoicingError
  if (!isRefusal) return null
  const { code, message, field } = error
  return { code, message, field }
}
