import type { DocumentedReply, Operation } from '../operation.ts'
import { errorResponses, errorSchema } from './describe-errors.ts'
import { INTRODUCTION } from './introduction.ts'
import { createJsonSchemas, type JsonSchema, type JsonSchemas } from './json-schemas.ts'

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Record<string, Record<string, OperationObject>>
  readonly components: Record<string, Record<string, JsonSchema>>
}

export interface OperationObject {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters: readonly ParameterObject[]
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, MediaObject> }
  readonly responses: Record<string, ResponseObject>
}

export type ParameterObject =
  | { readonly $ref: string }
  | {
      readonly name: string
      readonly in: 'path' | 'query' | 'header'
      readonly required: boolean
      readonly description?: string
      readonly schema: JsonSchema
      readonly example?: unknown
    }

export interface MediaObject {
  readonly schema?: JsonSchema
  readonly example?: unknown
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: Record<string, JsonSchema>
  readonly content?: Record<string, MediaObject>
}

/** The OpenAPI document (3.1) of a route table: from the rows that the router serves, and the schemas that it checks by. */
export function openApiDocument(
  operations: readonly Operation[],
  { publicUrl, version }: { publicUrl: string; version: string },
): OpenApiDocument {
  const schemas = createJsonSchemas()
  schemas.output(errorSchema)
  const paths: OpenApiDocument['paths'] = {}
  for (const operation of operations) {
    const path = paths[operation.path] ?? {}
    paths[operation.path] = { ...path, [operation.method]: describe(operation, schemas) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Farebox management API', version, description: INTRODUCTION },
    servers: [{ url: publicUrl }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: schemas.named, ...COMPONENTS },
  }
}

const COMPONENTS: Record<string, Record<string, JsonSchema>> = {
  securitySchemes: {
    apiKey: {
      type: 'http',
      scheme: 'bearer',
      description: 'An API key (`fbm-…`): what programs manage an account with. The names beside it are its scopes.',
    },
    accessKey: {
      type: 'http',
      scheme: 'bearer',
      description: 'An access key (`sk-farebox-…`): what models are called with. The names beside it are its scopes.',
    },
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Of your choice: a request that is repeated with it makes nothing twice.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
    IfMatch: {
      name: 'If-Match',
      in: 'header',
      required: false,
      description: 'The `ETag` of what is to be replaced; 412 where that was changed meanwhile.',
      schema: { type: 'string', maxLength: 200 },
    },
  },
  headers: {
    RetryAfter: { description: 'Seconds after which to try again.', schema: { type: 'integer', minimum: 0 } },
    RateLimitLimit: { description: 'Requests that may come at once.', schema: { type: 'integer', minimum: 1 } },
    RateLimitRemaining: { description: 'How many of them are left.', schema: { type: 'integer', minimum: 0 } },
    RateLimitReset: { description: 'Seconds until all of them are back.', schema: { type: 'integer', minimum: 0 } },
  },
}
const RATE_HEADERS = {
  'ratelimit-limit': { $ref: '#/components/headers/RateLimitLimit' },
  'ratelimit-remaining': { $ref: '#/components/headers/RateLimitRemaining' },
  'ratelimit-reset': { $ref: '#/components/headers/RateLimitReset' },
}

function describe(operation: Operation, schemas: JsonSchemas): OperationObject {
  const { id, tag, summary, description, body, example } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(operation),
    parameters: parametersOf(operation, schemas),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemas.input(body),
            ...(example?.body !== undefined && { example: example.body }),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        operation.replies.map((reply) => [String(reply.status), describeReply(reply, operation, schemas)]),
      ),
      ...errorResponses(operation),
    },
  }
}

function securityOf({ access }: Operation): OperationObject['security'] {
  if (access === 'anybody') return []
  const byApiKey = access.scopes.map((scope) => ({ apiKey: [scope] }))
  return access.accessKey === null ? byApiKey : [...byApiKey, { accessKey: [access.accessKey] }]
}

function parametersOf(operation: Operation, schemas: JsonSchemas): ParameterObject[] {
  const { params, query, example, takesIdempotencyKey, takesIfMatch } = operation
  return [
    ...(params ? fieldsOf('path', schemas.input(params), example?.params) : []),
    ...(query ? fieldsOf('query', schemas.input(query), example?.query) : []),
    ...(takesIdempotencyKey ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(takesIfMatch ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ]
}

function fieldsOf(
  place: 'path' | 'query',
  { properties = {}, required = [] }: JsonSchema,
  examples: Readonly<Record<string, string>> = {},
): ParameterObject[] {
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || (required as string[]).includes(name),
    ...(typeof description === 'string' && { description }),
    schema,
    ...(examples[name] !== undefined && { example: examples[name] }),
  }))
}

function describeReply(reply: DocumentedReply, operation: Operation, schemas: JsonSchemas): ResponseObject {
  const { description, schema, media = [], headers = {} } = reply
  const own = Object.entries(headers).map(([name, says]) => [name, { description: says, schema: { type: 'string' } }])
  const isFirst = reply === operation.replies[0]
  const { example } = operation
  const json = schema && {
    'application/json': {
      schema: schemas.output(schema),
      ...(isFirst && example?.reply !== undefined && { example: example.reply }),
    },
  }
  const content = { ...Object.fromEntries(media.map((type) => [type, {}])), ...json }
  return {
    description,
    headers: { ...(operation.access === 'anybody' ? {} : RATE_HEADERS), ...Object.fromEntries(own) },
    ...(Object.keys(content).length > 0 && { content }),
  }
}
