/** Every refusal of a statement or an export. Stable: callers branch on them. */
export const EXPORT_ERROR_CODES = ['invalid_request', 'account_not_found', 'too_many_lines'] as const
export type ExportErrorCode = (typeof EXPORT_ERROR_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class ExportError extends Error {
  override name = 'ExportError'
  readonly code: ExportErrorCode
  readonly field: string | null

  constructor(code: ExportErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}
