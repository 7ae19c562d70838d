import type { ClientBase } from 'pg'
import type { BackOffice } from './back-office.ts'
import type { ListShape } from './list-shape.ts'
import type { Row } from './read-rows.ts'
import { isSeen, type Looking, titlesStatement } from './sql/list-query.ts'

/** By resource, what names a row to a person, by the row's address; null = not for this reader, or not there. */
export type LinkTitles = ReadonlyMap<string, ReadonlyMap<string, string | null>>

const ADDRESSES_PER_STATEMENT = 200
/** Names that an export remembers of one resource; then it begins anew, so that its memory stays the same. */
const REMEMBERED_MAX = 10_000

/** Finds out what rows refer to, as far as their reader may see it. */
export class LinkReader {
  readonly #client: ClientBase
  readonly #office: BackOffice
  readonly #looking: Looking
  readonly #known = new Map<string, Map<string, string | null>>()

  constructor(client: ClientBase, office: BackOffice, looking: Looking) {
    this.#client = client
    this.#office = office
    this.#looking = looking
  }

  /** The names of all that these rows refer to. */
  async titles(list: ListShape, rows: readonly Row[]): Promise<LinkTitles> {
    const links = [...list.columns.values()].filter(isSeen(this.#looking.actor)).filter(({ to }) => to !== undefined)
    for (const { to } of links) {
      if ((this.#known.get(to as string)?.size ?? Infinity) > REMEMBERED_MAX) this.#known.set(to as string, new Map())
    }
    for (const { name, to } of links) {
      const values = rows.map((row) => row[name] ?? null)
      await this.#learn(to as string, values)
    }
    return this.#known
  }

  async #learn(to: string, values: readonly Row[string][]): Promise<void> {
    const known = this.#known.get(to) as Map<string, string | null>
    const target = this.#office.lists.get(to) as ListShape
    const asked = [...new Set(values)].filter(
      (value): value is string => typeof value === 'string' && !known.has(value),
    )
    for (const address of asked) known.set(address, null)
    for (let at = 0; at < asked.length; at += ADDRESSES_PER_STATEMENT) {
      const statement = titlesStatement(target, this.#looking, asked.slice(at, at + ADDRESSES_PER_STATEMENT))
      if (!statement) continue
      const { rows } = await this.#client.query<Record<string, string>>(statement.text, statement.values)
      for (const row of rows) known.set(row.id as string, String(row[target.definition.title] ?? ''))
    }
  }
}
