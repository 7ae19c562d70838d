type ValueType = 'uuid' | 'text' | 'char(3)' | 'char(3)[]' | 'timestamptz' | 'bigint' | 'uuid[]' | 'text[]' | 'boolean'

/** The values of a statement that is put together, each under the number that it got. */
export interface Values {
  readonly values: unknown[]
  /** Keeps a value; returns its parameter with the type that PostgreSQL shall read it as. */
  bind(value: unknown, type: ValueType): string
}

export function bindValues(): Values {
  const values: unknown[] = []
  return { values, bind: (value, type) => `$${values.push(value)}::${type}` }
}
