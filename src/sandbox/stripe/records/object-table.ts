/** Rows a table keeps before it forgets the oldest tenth: enough for a long benchmark, and still within memory. */
const ROWS_MAX = 500_000
const SHARE_KEPT = 0.9

interface Row<T> {
  object: T
  /** Position in the order of creation; never reused. */
  sequence: number
  keys: (string | null)[]
}

export interface TableQuery<T> {
  limit: number
  /** Exact values of indexed fields. */
  where?: Readonly<Record<string, string | undefined>>
  startingAfter?: string | undefined
  endingBefore?: string | undefined
  matches?: ((object: T) => boolean) | undefined
}

export interface TablePage<T> {
  /** The newest first. */
  objects: T[]
  hasMore: boolean
}

/** Objects in the order of creation, found by id and, without a scan, by the fields that are indexed. */
export class ObjectTable<T extends { id: string }> {
  private readonly rows = new Map<string, Row<T>>()
  private readonly ids = new Map<number, string>()
  private readonly buckets = new Map<string, number[]>()
  private readonly indexed: readonly string[]
  private readonly rowsMax: number
  private all: number[] = []
  private nextSequence = 0

  constructor(indexed: readonly string[] = [], rowsMax = ROWS_MAX) {
    this.indexed = indexed
    this.rowsMax = rowsMax
  }

  get size(): number {
    return this.rows.size
  }

  get(id: string): T | undefined {
    return this.rows.get(id)?.object
  }

  /** Adds an object, or notes that one was changed. */
  save(object: T): T {
    let row = this.rows.get(object.id)
    if (!row) {
      row = { object, sequence: this.nextSequence, keys: this.indexed.map(() => null) }
      this.nextSequence += 1
      this.rows.set(object.id, row)
      this.ids.set(row.sequence, object.id)
      this.all.push(row.sequence)
    }
    row.object = object
    this.index(row)
    if (this.rows.size > this.rowsMax) this.forgetOldest()
    return object
  }

  delete(id: string): void {
    const row = this.rows.get(id)
    if (!row) return
    this.rows.delete(id)
    this.ids.delete(row.sequence)
  }

  /** The oldest first. */
  values(): T[] {
    return [...this.rows.values()].map(({ object }) => object)
  }

  find(query: TableQuery<T>): TablePage<T> {
    const { sequences, rest } = this.candidates(query.where ?? {})
    const fits = (object: T) => rest.every(([field, value]) => fieldOf(object, field) === value)
    const objects: T[] = []
    const isForward = query.endingBefore !== undefined
    const step = isForward ? 1 : -1
    let at = isForward
      ? positionAfter(sequences, this.sequenceOf(query.endingBefore as string))
      : positionAfter(sequences, this.sequenceOf(query.startingAfter) - 1) - 1
    for (; at >= 0 && at < sequences.length && objects.length <= query.limit; at += step) {
      const object = this.get(this.ids.get(sequences[at] as number) ?? '')
      if (object && fits(object) && (query.matches?.(object) ?? true)) objects.push(object)
    }
    const hasMore = objects.length > query.limit
    if (hasMore) objects.pop()
    return { objects: isForward ? objects.reverse() : objects, hasMore }
  }

  private sequenceOf(id: string | undefined): number {
    return this.rows.get(id ?? '')?.sequence ?? this.nextSequence
  }

  private candidates(where: Readonly<Record<string, string | undefined>>) {
    const wanted = Object.entries(where).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const chosen = wanted.find(([field]) => this.indexed.includes(field))
    const sequences = chosen ? (this.buckets.get(bucketKey(...chosen)) ?? []) : this.all
    return { sequences, rest: wanted }
  }

  private index(row: Row<T>): void {
    for (const [position, field] of this.indexed.entries()) {
      const value = fieldOf(row.object, field)
      const key = typeof value === 'string' ? bucketKey(field, value) : null
      if (key === row.keys[position]) continue
      row.keys[position] = key
      if (key === null) continue
      const bucket = this.buckets.get(key) ?? []
      const isInOrder = (bucket.at(-1) ?? -1) < row.sequence
      bucket.push(row.sequence)
      if (!isInOrder) bucket.sort((left, right) => left - right)
      this.buckets.set(key, bucket)
    }
  }

  private forgetOldest(): void {
    const kept = Math.floor(this.rowsMax * SHARE_KEPT)
    const surplus = this.all.slice(0, -kept)
    this.all = this.all.slice(-kept)
    for (const sequence of surplus) this.delete(this.ids.get(sequence) ?? '')
  }
}

function fieldOf(object: object, field: string): unknown {
  return (object as Record<string, unknown>)[field]
}

function bucketKey(field: string, value: string): string {
  return `${field}=${value}`
}

/** Position of the first sequence above the given one. */
function positionAfter(sequences: readonly number[], sequence: number): number {
  let low = 0
  let high = sequences.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sequences[middle] as number) <= sequence) low = middle + 1
    else high = middle
  }
  return low
}
