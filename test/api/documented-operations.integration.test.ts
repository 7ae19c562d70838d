import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OpenApiDocument, ResponseObject } from '../../src/api/openapi/document.ts'
import { CLEAN } from '../support/farebox.ts'
import { call, type Reply } from './api-world.ts'
import { OPERATION_CASES, type OperationsWorld, openOperationsWorld } from './operation-cases.ts'
import { schemaFaults } from './schema-check.ts'

let world: OperationsWorld
let document: OpenApiDocument
beforeAll(async () => {
  world = await openOperationsWorld()
  document = (await call(world.farebox, null, 'GET', '/openapi.json')).body
})
afterAll(() => world.farebox.close())

const operations = () =>
  Object.values(document.paths).flatMap((methods) => Object.values(methods).map((operation) => operation))

function responseOf(operationId: string, status: number): ResponseObject {
  const operation = operations().find((one) => one.operationId === operationId)
  const response = operation?.responses[String(status)]
  if (!response) throw new Error(`${operationId} answers ${status}, which is not documented`)
  return response
}

/** A reply is as the document says: its status, its type, its body, the headers it promises. */
function expectDocumented(operationId: string, reply: Reply): void {
  const { content = {}, headers = {} } = responseOf(operationId, reply.status)
  const type = reply.headers.get('content-type')?.split(';')[0]
  if (Object.keys(content).length === 0) expect(reply.text).toBe('')
  else expect(Object.keys(content)).toContain(type)
  const schema = type === undefined ? undefined : content[type]?.schema
  if (schema) expect(schemaFaults(document, schema, reply.body)).toEqual([])
  for (const name of Object.keys(headers)) expect(reply.headers.has(name), name).toBe(true)
}

test('every documented operation has a case, and no case is of another', () => {
  expect(
    operations()
      .map(({ operationId }) => operationId)
      .sort(),
  ).toEqual(Object.keys(OPERATION_CASES).sort())
})

describe.each(Object.entries(OPERATION_CASES))('%s', (operationId, { success, failure, code }) => {
  test('succeeds as documented', async () => {
    const reply = await success(world)
    expect([reply.status, reply.status < 300 ? '' : reply.text]).toEqual([expect.any(Number), ''])
    expectDocumented(operationId, reply)
  })

  test(`is refused as documented: ${code}`, async () => {
    const reply = await failure(world)
    expect(reply.body).toMatchObject({ errorCode: code, statusCode: reply.status })
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expectDocumented(operationId, reply)
  })
})

test('after all of it the books are clean, and nothing failed inside', async () => {
  expect(await world.farebox.verify()).toBe(CLEAN)
  expect(world.farebox.log.filter((line) => line.includes('"level":50'))).toEqual([])
})

test('no secret stands in the log', () => {
  const log = world.farebox.log.join('\n')
  expect(log).not.toContain(world.customer.apiKey)
  expect(log).not.toContain(world.customer.secret)
  expect(log).not.toMatch(/sk-farebox-[\w-]{20,}|fbm-[\w-]{20,}/)
})
