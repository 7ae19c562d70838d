import { Resource as PrismaResource } from '@adminjs/prisma'
import { type ActionContext, AppError, type BaseRecord, type Filter, type ParamsType } from 'adminjs'
import pg, { type Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { actorOf } from './admin-user.ts'
import type { ListShape } from './list-shape.ts'
import { type Row, readRows } from './read-rows.ts'
import { ScopedProperty } from './scoped-property.ts'
import { ScopedRecord } from './scoped-record.ts'
import type { Shape } from './shape.ts'
import { FilterError, type Filters, readFilters } from './sql/filter-condition.ts'
import {
  countStatement,
  isSeen,
  LIMIT_MAX,
  type Looking,
  pageStatement,
  rowStatement,
  type Statement,
  titlesStatement,
  UNCOUNTED,
} from './sql/list-query.ts'

/** What AdminJS is given for each resource. */
export interface ScopedSource {
  readonly list: ListShape
  readonly shape: Shape
  readonly pool: Pool
  /** Gives up soon: nobody waits long for a number. */
  readonly counts: Pool
  readonly clock: Clock
}

/** What a list was just asked for, until its rows are counted: AdminJS does both with the same context. */
const pages = new WeakMap<ActionContext, { offset: number; limit: number; rows: number }>()
const QUERY_CANCELED = '57014'

interface FindOptions {
  limit?: number
  offset?: number
  sort?: { sortBy?: string; direction?: 'asc' | 'desc' }
}

/**
 * Prisma's resource for AdminJS with our own reading: the names and types are the schema's, each row is read by one
 * statement whose condition begins with what the reader may see, and nothing is ever written. Whoever has no scope sees
 * no row.
 */
export class ScopedResource extends PrismaResource {
  readonly list: ListShape
  readonly #source: ScopedSource
  readonly #properties: ReadonlyMap<string, ScopedProperty>

  constructor(source: ScopedSource) {
    super({
      model: source.list.model as never,
      client: {} as never,
      clientModule: { Prisma: { dmmf: { datamodel: source.shape } } },
    })
    this.#source = source
    this.list = source.list
    this.#properties = propertiesOf(source.list)
  }

  static override isAdapterFor(given: unknown): boolean {
    return typeof given === 'object' && given !== null && 'list' in given && 'shape' in given
  }

  override id(): string {
    return this.list.definition.id
  }

  override properties(): never[] {
    // The superclass asks before there are any, and says that they are of its own class.
    return #properties in this ? ([...this.#properties.values()] as never[]) : []
  }

  override property(path: string): never {
    return (this.#properties.get(path) ?? null) as never
  }

  override async find(filter: Filter, options: FindOptions = {}, context?: ActionContext): Promise<BaseRecord[]> {
    const { limit = 10, offset = 0, sort } = options
    const looking = this.#looking(context)
    const page = { limit, offset, sort: { column: sort?.sortBy, direction: sort?.direction } }
    const statement = explained(() => pageStatement(this.list, looking, this.#filters(filter, looking), page))
    const rows = await readRows(this.#source.pool, statement)
    if (context) pages.set(context, { offset, limit: Math.min(limit, LIMIT_MAX), rows: rows.length })
    return rows.map((row) => this.#record(row))
  }

  override async count(filter: Filter, context?: ActionContext): Promise<number> {
    const looking = this.#looking(context)
    const statement = explained(() => countStatement(this.list, looking, this.#filters(filter, looking)))
    const page = context && pages.get(context)
    // A page that is not full is the last one, and says itself how many there are.
    if (page && page.rows < page.limit && (page.rows > 0 || page.offset === 0)) return page.offset + page.rows
    try {
      const [row] = await readRows(this.#source.counts, statement)
      return Number(row?.count)
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) return UNCOUNTED
      throw error
    }
  }

  override async findOne(address: string | number, context?: ActionContext): Promise<BaseRecord | null> {
    const statement = rowStatement(this.list, this.#looking(context), String(address))
    const [row] = statement ? await readRows(this.#source.pool, statement) : []
    return row ? this.#record(row) : null
  }

  /** Rows that others refer to: only what names them, for those that may be seen. */
  override async findMany(addresses: (string | number)[], context?: ActionContext): Promise<BaseRecord[]> {
    const statement = titlesStatement(this.list, this.#looking(context), addresses.map(String))
    const rows = statement ? await readRows(this.#source.pool, statement) : []
    return rows.map((row) => this.#record(row))
  }

  override create(): Promise<never> {
    return refuseWriting()
  }

  override update(): Promise<never> {
    return refuseWriting()
  }

  override delete(): Promise<never> {
    return refuseWriting()
  }

  #record(row: Row): BaseRecord {
    return new ScopedRecord(row as ParamsType, this)
  }

  #looking(context: ActionContext | undefined): Looking {
    return { actor: actorOf(context?.currentAdmin), now: this.#source.clock.now() }
  }

  #filters(filter: Filter, { actor }: Looking): Filters {
    const given = Object.fromEntries(Object.entries(filter?.filters ?? {}).map(([name, { value }]) => [name, value]))
    return readFilters(this.list, given, isSeen(actor))
  }
}

/** A filter that cannot be understood is told to whoever typed it. */
function explained(work: () => Statement): Statement {
  try {
    return work()
  } catch (error) {
    if (error instanceof FilterError) throw new AppError(error.message)
    throw error
  }
}

/** Writing is for use cases alone: they know the rules, and write the act down. */
async function refuseWriting(): Promise<never> {
  throw new AppError('Nothing is changed in a list: every change has an action of its own.')
}

function propertiesOf({ definition, columns }: ListShape): ReadonlyMap<string, ScopedProperty> {
  const property = (name: string, isId: boolean) => {
    const isTitle = definition.title === name
    const isSortable = definition.sorts.includes(name)
    return [name, new ScopedProperty(name, columns.get(name) ?? null, { isId, isTitle, isSortable })] as const
  }
  const others = [...columns.keys()].filter((name) => name !== 'id')
  return new Map([property('id', true), ...others.map((name) => property(name, false))])
}
