import type { OpenApiDocument, OperationObject, ParameterObject } from '../openapi/document.ts'
import type { JsonSchema } from '../openapi/json-schemas.ts'
import { curlFor } from './curl.ts'
import { fieldsOf, type ShownField } from './fields-of.ts'

/** An operation as the page shows it. */
export interface ShownOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly description: string
  /** Such as `API key with credits:read`; empty = anybody. */
  readonly callers: readonly string[]
  readonly parameters: readonly ShownField[]
  readonly body: readonly ShownField[]
  readonly replies: readonly { status: string; description: string; fields: readonly ShownField[]; media: string }[]
  readonly errors: readonly { status: string; description: string }[]
  readonly curl: string
  readonly example: string | null
}

export interface Reference {
  readonly title: string
  readonly version: string
  readonly url: string
  /** Paragraphs of text with `code` and **words**. */
  readonly introduction: readonly string[]
  readonly sections: readonly {
    readonly id: string
    readonly name: string
    readonly operations: readonly ShownOperation[]
  }[]
}

/** What the page of an OpenAPI document says: nothing that is not in the document. */
export function referenceOf(document: OpenApiDocument): Reference {
  const url = document.servers[0]?.url ?? ''
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return {
    title: document.info.title,
    version: document.info.version,
    url,
    introduction: document.info.description.split('\n\n'),
    sections: document.tags.map(({ name }) => ({
      id: name.toLowerCase().replace(/[^a-z]+/g, '-'),
      name,
      operations: all
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => shown(document, url, path, method, operation)),
    })),
  }
}

function shown(
  document: OpenApiDocument,
  url: string,
  path: string,
  method: string,
  operation: OperationObject,
): ShownOperation {
  const parameters = operation.parameters.map((one) => resolved(document, one))
  const body = operation.requestBody?.content['application/json']
  const replies = Object.entries(operation.responses)
  const example = replies[0]?.[1].content?.['application/json']?.example
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description ?? '',
    callers: operation.security.flatMap((way) =>
      Object.entries(way).map(([scheme, scopes]) => `${NAMES[scheme] ?? scheme} with ${scopes.join(', ')}`),
    ),
    parameters: parameters.flatMap(({ name, in: place, required, description = '', schema }) =>
      fieldsOf(document, { properties: { [name]: { ...schema, description } }, required: required ? [name] : [] }).map(
        (field) => ({ ...field, place }),
      ),
    ),
    body: body?.schema ? fieldsOf(document, body.schema) : [],
    replies: replies
      .filter(([status]) => status < '400')
      .map(([status, { description, content = {} }]) => {
        const schema = content['application/json']?.schema
        return {
          status,
          description,
          fields: schema ? fieldsOf(document, schema) : [],
          media: Object.keys(content).join(', '),
        }
      }),
    errors: replies.filter(([status]) => status >= '400').map(([status, { description }]) => ({ status, description })),
    curl: curlFor({ url, path, method, parameters, body: body?.example, isOpen: operation.security.length === 0 }),
    example: example === undefined ? null : JSON.stringify(example, null, 2),
  }
}

const NAMES: Readonly<Record<string, string>> = { apiKey: 'API key', accessKey: 'Access key' }

function resolved(document: OpenApiDocument, parameter: ParameterObject) {
  if (!('$ref' in parameter)) return parameter
  const name = parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1)
  return document.components.parameters?.[name] as JsonSchema as Exclude<ParameterObject, { $ref: string }>
}
