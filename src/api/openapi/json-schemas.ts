import { z } from 'zod'

export type JsonSchema = { [key: string]: unknown }

/** Where a document keeps the schemas that have a name. */
const NAMED = '#/components/schemas/'
const WITHIN = '#/$defs/'

export interface JsonSchemas {
  /** What is sent to us: before anything is transformed. */
  input(schema: z.ZodType): JsonSchema
  /** What we send. */
  output(schema: z.ZodType): JsonSchema
  /** Those with a name, by name; complete once everything was asked for. */
  readonly named: Record<string, JsonSchema>
}

/** The JSON Schemas (2020-12) of the schemas that requests are checked by, named ones once. */
export function createJsonSchemas(): JsonSchemas {
  const named: Record<string, JsonSchema> = {}

  function convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema: _,
      $defs = {},
      ...root
    } = z.toJSONSchema(schema, { io, override: ({ jsonSchema }) => tidy(jsonSchema) })
    for (const [name, definition] of Object.entries($defs)) {
      const written = moveReferences(definition) as JsonSchema
      // One name, one meaning: readers of the document would take one for the other.
      if (named[name] && JSON.stringify(named[name]) !== JSON.stringify(written)) {
        throw new Error(`two schemas are called '${name}'`)
      }
      named[name] = written
    }
    return moveReferences(root) as JsonSchema
  }
  return { input: (schema) => convert(schema, 'input'), output: (schema) => convert(schema, 'output'), named }
}

/** Bounds that every number has, and patterns that a format says better, only hide what matters. */
function tidy(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.format !== undefined) delete schema.pattern
  delete schema.id
}

function moveReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveReferences)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) =>
      key === '$ref' && typeof child === 'string' ? [key, child.replace(WITHIN, NAMED)] : [key, moveReferences(child)],
    ),
  )
}
