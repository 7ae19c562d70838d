/** One broken row, named and explained in words that a person understands; every figure is exact, in nano. */
export interface Finding {
  /** The check that found it. */
  check: string
  table: string
  /** Text that names the row: its id, or its account and place, such as `<account>/<seq>`. */
  row: string
  message: string
}

/** A promise about stored rows, as one statement that returns `"table"`, `"row"` and `message` of every row that breaks it. */
export interface Check {
  name: string
  /** What holds while the check finds nothing. */
  promise: string
  sql: string
}
