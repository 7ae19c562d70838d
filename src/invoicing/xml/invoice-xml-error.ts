/** Why a snapshot cannot be an e-invoice. Each stands for a rule of EN 16931 that the XML would break. */
export const INVOICE_XML_ERROR_CODES = [
  'text_missing',
  'date_not_valid',
  'no_lines',
  'too_many_lines',
  'line_not_positive',
  'line_sum_wrong',
  'line_not_in_tax_group',
  'unit_code_not_valid',
  'tax_group_wrong',
  'totals_wrong',
  'exemption_wrong',
  'mixed_with_outside_scope',
  'country_not_valid',
  'vat_id_not_valid',
  'seller_not_identified',
  'buyer_not_identified',
  'original_missing',
  'amount_not_representable',
] as const
export type InvoiceXmlErrorCode = (typeof INVOICE_XML_ERROR_CODES)[number]

/** A snapshot that must not be issued as it is, naming the field at fault, such as `lines[2].netMinor`. */
export class InvoiceXmlError extends Error {
  override name = 'InvoiceXmlError'
  readonly code: InvoiceXmlErrorCode
  readonly field: string

  constructor(code: InvoiceXmlErrorCode, field: string, message: string) {
    super(message)
    this.code = code
    this.field = field
  }
}
