import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { API_KEY_SCOPES } from '../../src/accounts/api-keys/api-key.ts'
import type { OpenApiDocument, OperationObject, ParameterObject } from '../../src/api/openapi/document.ts'
import type { JsonSchema } from '../../src/api/openapi/json-schemas.ts'
import { type Farebox, startFarebox } from '../support/farebox.ts'
import { call } from './api-world.ts'
import { resolveReference, schemaFaults } from './schema-check.ts'

let farebox: Farebox
let document: OpenApiDocument
let operations: { path: string; method: string; operation: OperationObject }[]
beforeAll(async () => {
  farebox = await startFarebox()
  const reply = await call(farebox, null, 'GET', '/openapi.json')
  document = reply.body as OpenApiDocument
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
})
afterAll(() => farebox.close())

/** Every object of the document with its place. */
function* parts(value: unknown, at = '#'): Generator<{ at: string; part: JsonSchema }> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield { at, part: value as JsonSchema }
  for (const [key, child] of Object.entries(value)) yield* parts(child, `${at}/${key}`)
}

const resolved = (parameter: ParameterObject) =>
  '$ref' in parameter
    ? (resolveReference(document, parameter.$ref) as unknown as Exclude<ParameterObject, { $ref: string }>)
    : parameter

describe('the OpenAPI document', () => {
  test('is of version 3.1, with what that asks for', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info.title).not.toBe('')
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(Object.keys(document).sort()).toEqual(['components', 'info', 'openapi', 'paths', 'servers', 'tags'])
    for (const name of Object.keys(document.components)) {
      for (const key of Object.keys(document.components[name] ?? {})) expect(key).toMatch(/^[\w.-]+$/)
    }
    expect(document.servers.map(({ url }) => url)).toEqual([farebox.url])
  })

  test('is for everybody, and says nothing of anybody', async () => {
    const reply = await call(farebox, null, 'GET', '/openapi.json')
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    expect(reply.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('has every reference resolved, and no schema that nothing refers to', () => {
    const references = [...parts(document)].flatMap(({ part }) => (typeof part.$ref === 'string' ? [part.$ref] : []))
    expect(references.length).toBeGreaterThan(100)
    for (const reference of references) expect(resolveReference(document, reference)).toBeTypeOf('object')
    const unused = Object.keys(document.components.schemas ?? {}).filter(
      (name) => !references.includes(`#/components/schemas/${name}`),
    )
    expect(unused).toEqual([])
  })

  test('names every operation once, with known tags and schemes of security', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = new Set(document.tags.map(({ name }) => name))
    const schemes = new Set(Object.keys(document.components.securitySchemes ?? {}))
    for (const { operation } of operations) {
      for (const tag of operation.tags) expect(tags).toContain(tag)
      for (const way of operation.security) {
        for (const [scheme, scopes] of Object.entries(way)) {
          expect(schemes).toContain(scheme)
          const known: readonly string[] =
            scheme === 'apiKey' ? API_KEY_SCOPES : ['inference', 'balance', 'purchase', 'billing']
          expect(scopes.every((scope) => known.includes(scope))).toBe(true)
        }
      }
    }
  })

  test('describes each parameter of a path, requires it, and none twice', () => {
    for (const { path, operation } of operations) {
      const parameters = operation.parameters.map(resolved)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const ofPath = parameters.filter((parameter) => parameter.in === 'path')
      expect(ofPath.map(({ name }) => name).sort()).toEqual(named.sort())
      expect(ofPath.every(({ required }) => required)).toBe(true)
      const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`)
      expect(new Set(keys).size).toBe(keys.length)
      for (const { schema } of parameters) expect(schema).toBeTypeOf('object')
    }
  })

  test('gives every operation a success, and its refusals by their codes', () => {
    for (const { operation } of operations) {
      const statuses = Object.keys(operation.responses)
      expect(statuses.every((status) => /^[245]\d\d$/.test(status))).toBe(true)
      expect(statuses.some((status) => status.startsWith('2'))).toBe(true)
      expect(statuses).toEqual(expect.arrayContaining(['400', '500', '503']))
      if (operation.security.length > 0) expect(statuses).toEqual(expect.arrayContaining(['401', '403', '429']))
      for (const { description } of Object.values(operation.responses)) expect(description).not.toBe('')
    }
  })

  test('has bodies only where a method takes one, and nothing but JSON in them', () => {
    for (const { method, operation } of operations) {
      if (method === 'get' || method === 'delete') expect(operation.requestBody).toBeUndefined()
      if (operation.requestBody) expect(Object.keys(operation.requestBody.content)).toEqual(['application/json'])
    }
  })

  test('has only schemas whose keywords are of JSON Schema, and examples that are valid', () => {
    const examples = [...parts(document)].filter(({ part }) => part.example !== undefined && part.schema !== undefined)
    expect(examples.length).toBeGreaterThan(15)
    for (const { at, part } of examples) {
      // In an address, everything is text.
      const isText = (part as { in?: string }).in !== undefined
      const faults = isText ? [] : schemaFaults(document, part.schema as JsonSchema, part.example, at)
      expect(faults).toEqual([])
    }
    for (const [name, schema] of Object.entries(document.components.schemas ?? {})) {
      expect(() => schemaFaults(document, schema, {}, name)).not.toThrow()
    }
  })

  test('lets operations that make something be repeated safely', () => {
    const making = operations.filter(({ method, operation }) => method === 'post' && operation.responses['201'])
    expect(making.map(({ operation }) => operation.operationId).sort()).toEqual(
      ['createApiKey', 'createKey', 'createProject'].sort(),
    )
    for (const { operation } of making) {
      expect(operation.parameters).toContainEqual({ $ref: '#/components/parameters/IdempotencyKey' })
    }
  })
})
