import type { OpenApiDocument } from '../openapi/document.ts'
import type { JsonSchema } from '../openapi/json-schemas.ts'

/** One line of a table of fields. */
export interface ShownField {
  /** With its way there, such as `budgets[].period`. */
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
  /** Of a parameter: path, query or header. */
  readonly place?: string
}

/** Deeper nothing of ours goes; a schema that holds itself would go on. */
const DEPTH_MAX = 4

/** The fields of an object, and of the objects in it. */
export function fieldsOf(document: OpenApiDocument, schema: JsonSchema, prefix = '', depth = 0): ShownField[] {
  const object = follow(document, schema)
  const variants = (object.oneOf ?? object.anyOf) as JsonSchema[] | undefined
  if (variants && object.properties === undefined) {
    const all = variants.flatMap((variant) => fieldsOf(document, variant, prefix, depth))
    return [...new Map(all.map((field) => [field.name, field])).values()]
  }
  if (object.type === 'array') return fieldsOf(document, object.items as JsonSchema, `${prefix}[]`, depth)
  const required = (object.required ?? []) as string[]
  return Object.entries((object.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const line: ShownField = {
      name: path,
      type: typeOf(document, field),
      isRequired: required.includes(name),
      description: descriptionOf(document, field),
    }
    return depth < DEPTH_MAX ? [line, ...fieldsOf(document, field, path, depth + 1)] : [line]
  })
}

function follow(document: OpenApiDocument, schema: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema
  const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  return document.components.schemas?.[name] ?? {}
}

function descriptionOf(document: OpenApiDocument, field: JsonSchema): string {
  const own = field.description ?? follow(document, field).description ?? ''
  const standard = field.default === undefined ? '' : `Without it: ${JSON.stringify(field.default)}.`
  return [own, boundsOf(field), standard].filter((text) => text !== '').join(' ')
}

function boundsOf({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`
  return ''
}

/** In words, such as `list of text`, `whole number or null`, `one of DAY, WEEK`. */
function typeOf(document: OpenApiDocument, schema: JsonSchema): string {
  const field = follow(document, schema)
  if (Array.isArray(field.enum)) return `one of ${field.enum.join(', ')}`
  if (field.const !== undefined) return JSON.stringify(field.const)
  const variants = (field.anyOf ?? field.oneOf) as JsonSchema[] | undefined
  if (variants) return [...new Set(variants.map((variant) => typeOf(document, variant)))].join(' or ')
  const types = Array.isArray(field.type) ? field.type : [field.type]
  return types.map((type) => nameOf(document, field, type as string | undefined)).join(' or ')
}

function nameOf(document: OpenApiDocument, field: JsonSchema, type: string | undefined): string {
  if (type === 'array') return `list of ${typeOf(document, (field.items ?? {}) as JsonSchema).replace(/^one of /, '')}`
  if (type === 'string') return FORMATS[field.format as string] ?? 'text'
  return NAMES[type ?? ''] ?? 'anything'
}

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'time', date: 'date', uuid: 'id', email: 'email' }
const NAMES: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
}
