/** Every refusal of the documents' side. Stable: callers branch on them. */
export const INVOICING_ERROR_CODES = [
  'invalid_request',
  'document_not_found',
  'seller_not_set_up',
  'line_not_positive',
  'nothing_left_to_credit',
] as const
export type InvoicingErrorCode = (typeof INVOICING_ERROR_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class InvoicingError extends Error {
  override name = 'InvoicingError'
  readonly code: InvoicingErrorCode
  readonly field: string | null

  constructor(code: InvoicingErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Somebody else's document is answered like one that does not exist. */
export function documentNotFound(): InvoicingError {
  return new InvoicingError('document_not_found', 'There is no such document.', 'id')
}
