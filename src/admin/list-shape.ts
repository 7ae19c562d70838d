import type { ColumnDefinition, ColumnKind, ResourceDefinition } from './definition.ts'
import { type FieldShape, type ModelShape, modelOf, type Shape } from './shape.ts'

/** A column with everything decided. */
export interface ListColumn extends Omit<ColumnDefinition, 'values'> {
  readonly name: string
  readonly kind: ColumnKind
  readonly label: string
  /** Over the row `t`. */
  readonly sql: string
  /** The words of a state. */
  readonly values: readonly string[] | undefined
  /** Whether the column is an enum of the database, and of which type. */
  readonly enumType: string | null
}

/** A definition and the table it is about, put together: all that queries and pages need. */
export interface ListShape {
  readonly definition: ResourceDefinition
  readonly model: ModelShape
  readonly table: string
  readonly columns: ReadonlyMap<string, ListColumn>
  readonly key: readonly ListColumn[]
  readonly keySql: string
  readonly currencySql: string | null
}

/** @throws Error where a definition names what is not there: at the start, not at the first request */
export function listShape(shape: Shape, definition: ResourceDefinition): ListShape {
  const model = modelOf(shape, definition.model)
  const field = (name: string) => model.fields.find((each) => each.name === name)
  const columnOf = (name: string, given: ColumnDefinition): ListColumn => {
    const own = field(name)
    if (!own && given.sql === undefined) throw new Error(`${definition.id}: '${name}' is no field of ${model.name}`)
    const kind = given.kind ?? (given.to === undefined ? kindOf(name, own) : 'link')
    const enumShape = own?.kind === 'enum' ? shape.enums.find(({ name: each }) => each === own.type) : undefined
    return {
      ...given,
      ...{ name, kind, label: given.label ?? labelOf(name) },
      sql: given.sql ?? `t.${columnName(own as FieldShape)}`,
      values: given.values ?? enumShape?.values.map((value) => value.name),
      enumType: enumShape ? snakeCase(enumShape.name) : null,
    }
  }
  const columns = new Map(Object.entries(definition.columns).map(([name, given]) => [name, columnOf(name, given)]))
  const key = (definition.key ?? ['id']).map((name) => columnOf(name, { ...definition.columns[name] }))
  for (const name of [definition.title, ...definition.list, ...definition.filters, ...definition.sorts]) {
    if (!columns.has(name)) throw new Error(`${definition.id}: there is no column '${name}'`)
  }
  const currencySql =
    definition.currencySql !== undefined ? definition.currencySql : field('currency') ? 't.currency' : null
  return {
    ...{ definition, model, columns, key, currencySql },
    table: `"${model.dbName ?? model.name}"`,
    keySql: key.length === 1 ? `(${key[0]?.sql})::text` : `concat_ws('.', ${key.map(({ sql }) => sql).join(', ')})`,
  }
}

function columnName({ name, dbName }: FieldShape): string {
  return `"${dbName ?? name}"`
}

function kindOf(name: string, field: FieldShape | undefined): ColumnKind {
  if (!field) return 'text'
  if (field.isList) return 'list'
  if (field.kind === 'enum') return 'state'
  if (name.endsWith('Nano')) return 'nano'
  if (name.endsWith('Minor')) return 'minor'
  if (name.endsWith('Bps')) return 'bps'
  if (field.nativeType?.[0] === 'Uuid') return 'id'
  if (field.type === 'DateTime') return field.nativeType?.[0] === 'Date' ? 'day' : 'time'
  const KINDS: Readonly<Record<string, ColumnKind>> = {
    ...{ BigInt: 'number', Int: 'number', Boolean: 'flag', Json: 'json', Bytes: 'hash', String: 'text' },
  }
  return KINDS[field.type] ?? 'text'
}

/** Units and the `At` of times are no words for people: `totalMinor` is 'Total', `paymentMethodId` 'Payment method'. */
function labelOf(name: string): string {
  const words = name
    .replace(/(Nano|Minor|Bps|At|Id|Ms)$/, '')
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase()
    .trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase()
}
