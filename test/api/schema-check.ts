import type { JsonSchema } from '../../src/api/openapi/json-schemas.ts'

/** Keywords that say something to readers and nothing about a value. */
const SILENT = new Set(['description', 'default', 'example', 'examples', 'title', '$defs'])
const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  email: /^[^@\s]+@[^@\s]+$/,
}

type Check = (value: unknown, argument: never, schema: JsonSchema, at: string) => string[]

/**
 * What a value has against a JSON Schema (2020-12), each fault with its place; nothing = it is valid. Knows the keywords that
 * the document uses and throws for any other, so that none is passed over.
 */
export function schemaFaults(document: object, schema: JsonSchema, value: unknown, at = '$'): string[] {
  const inner = (child: JsonSchema, part: unknown, place: string) => schemaFaults(document, child, part, place)
  const checks: Record<string, Check> = {
    $ref: (part, name: string) => inner(resolveReference(document, name), part, at),
    type: (part, types: string | string[]) => {
      const expected = [types].flat()
      return expected.some((type) => isOfType(part, type))
        ? []
        : [`${at}: ${typeof part} is not ${expected.join(' or ')}`]
    },
    enum: (part, all: unknown[]) => (all.includes(part) ? [] : [`${at}: ${JSON.stringify(part)} is not among ${all}`]),
    const: (part, only: unknown) => (part === only ? [] : [`${at}: is not ${JSON.stringify(only)}`]),
    properties: (part, all: Record<string, JsonSchema>) =>
      isObject(part)
        ? Object.entries(all).flatMap(([key, child]) => (key in part ? inner(child, part[key], `${at}.${key}`) : []))
        : [],
    required: (part, all: string[]) =>
      isObject(part) ? all.filter((key) => !(key in part)).map((key) => `${at}: ${key} is missing`) : [],
    additionalProperties: (part, child: JsonSchema | boolean, { properties = {} }) => {
      if (!isObject(part)) return []
      const others = Object.keys(part).filter((key) => !(key in (properties as object)))
      if (typeof child === 'object') return others.flatMap((key) => inner(child, part[key], `${at}.${key}`))
      return child ? [] : others.map((key) => `${at}: ${key} is not described`)
    },
    propertyNames: (part, child: JsonSchema) =>
      isObject(part) ? Object.keys(part).flatMap((key) => inner(child, key, `${at}.${key} (name)`)) : [],
    items: (part, child: JsonSchema) =>
      Array.isArray(part) ? part.flatMap((item, index) => inner(child, item, `${at}[${index}]`)) : [],
    anyOf: (part, all: JsonSchema[]) =>
      all.some((child) => inner(child, part, at).length === 0) ? [] : all.flatMap((child) => inner(child, part, at)),
    oneOf: (part, all: JsonSchema[]) => {
      const fitting = all.filter((child) => inner(child, part, at).length === 0).length
      return fitting === 1 ? [] : [`${at}: fits ${fitting} of ${all.length} where one is meant`]
    },
    allOf: (part, all: JsonSchema[]) => all.flatMap((child) => inner(child, part, at)),
    minimum: (part, bound: number) => (typeof part === 'number' && part < bound ? [`${at}: below ${bound}`] : []),
    maximum: (part, bound: number) => (typeof part === 'number' && part > bound ? [`${at}: above ${bound}`] : []),
    minLength: (part, bound: number) => (typeof part === 'string' && part.length < bound ? [`${at}: too short`] : []),
    maxLength: (part, bound: number) => (typeof part === 'string' && part.length > bound ? [`${at}: too long`] : []),
    minItems: (part, bound: number) => (Array.isArray(part) && part.length < bound ? [`${at}: too few`] : []),
    maxItems: (part, bound: number) => (Array.isArray(part) && part.length > bound ? [`${at}: too many`] : []),
    pattern: (part, pattern: string) =>
      typeof part === 'string' && !new RegExp(pattern, 'u').test(part) ? [`${at}: '${part}' is not ${pattern}`] : [],
    format: (part, format: string) => {
      const known = FORMATS[format]
      if (!known) throw new Error(`${at}: the format ${format} is not known`)
      return typeof part === 'string' && !known.test(part) ? [`${at}: '${part}' is no ${format}`] : []
    },
  }
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (SILENT.has(keyword)) return []
    const check = checks[keyword]
    if (!check) throw new Error(`${at}: the keyword ${keyword} is not known`)
    return check(value, argument as never, schema, at)
  })
}

/** Follows a JSON pointer within the document (RFC 6901). */
export function resolveReference(document: object, reference: string): JsonSchema {
  let found: unknown = document
  for (const part of reference.replace(/^#\//, '').split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isObject(found) ? found[name] : undefined
  }
  if (!reference.startsWith('#/') || !isObject(found)) throw new Error(`${reference} leads nowhere`)
  return found
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
