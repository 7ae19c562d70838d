/** Every refusal of a requested export, beside those of its range. Stable: callers branch on them. */
export const EXPORT_REFUSAL_CODES = [
  'export_not_found',
  'export_not_ready',
  'export_failed',
  'export_expired',
  'too_many_exports',
  'month_not_found',
] as const
export type ExportRefusalCode = (typeof EXPORT_REFUSAL_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class ExportRefusal extends Error {
  override name = 'ExportRefusal'
  readonly code: ExportRefusalCode
  readonly field: string | null

  constructor(code: ExportRefusalCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Somebody else's export is answered like one that does not exist. */
export function exportNotFound(): ExportRefusal {
  return new ExportRefusal('export_not_found', 'There is no such export.', 'id')
}
