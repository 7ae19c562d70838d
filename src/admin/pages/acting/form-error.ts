/** What was entered cannot be understood: a sentence to stand at the field, or over the form where `field` is null. */
export class FormError extends Error {
  override name = 'FormError'
  readonly field: string | null

  constructor(field: string | null, message: string) {
    super(message)
    this.field = field
  }
}
