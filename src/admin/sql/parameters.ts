/** The values of a statement: each is added where its text needs it. */
export class Parameters {
  readonly values: unknown[] = []

  /** @returns the placeholder, such as `$3` */
  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}
