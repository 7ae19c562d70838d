import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OpenApiDocument } from '../../src/api/openapi/document.ts'
import { call } from './api-world.ts'
import { type OperationsWorld, openOperationsWorld } from './operation-cases.ts'

const run = promisify(execFile)

let world: OperationsWorld
let page: string
let document: OpenApiDocument
beforeAll(async () => {
  world = await openOperationsWorld()
  page = (await call(world.farebox, null, 'GET', '/docs/api')).text
  document = (await call(world.farebox, null, 'GET', '/openapi.json')).body
})
afterAll(() => world.farebox.close())

const UNESCAPED: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}
const unescaped = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => UNESCAPED[entity] as string)
const commands = () =>
  [...page.matchAll(/<h3 id="(\w+)">[\s\S]*?<code class="curl">([\s\S]*?)<\/code>/g)].map(
    ([, id, command]) => [id as string, unescaped(command as string)] as const,
  )

describe('the reference page', () => {
  test('says all that the document says of operations, each under an anchor of its own', () => {
    const ids = Object.values(document.paths).flatMap((all) => Object.values(all).map(({ operationId }) => operationId))
    for (const id of ids) {
      expect(page.split(`id="${id}"`)).toHaveLength(2)
      expect(page).toContain(`href="#${id}"`)
    }
    const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor)
    for (const anchor of anchors) expect(page).toContain(`id="${anchor}"`)
    expect(
      commands()
        .map(([id]) => id)
        .sort(),
    ).toEqual([...ids].sort())
  })

  test('loads nothing from elsewhere, runs and styles nothing within itself, and fits a phone', async () => {
    expect(page).not.toMatch(/<script|style="|<style|\son\w+="/)
    const loaded = [...page.matchAll(/(?:src|<link[^>]*href)="([^"]+)"/g)].map(([, address]) => address)
    expect(loaded).toEqual(['data:,', '/docs/api/reference.css'])
    expect(page).toContain('name="viewport"')
    const { headers } = await call(world.farebox, null, 'GET', '/docs/api')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    const style = await call(world.farebox, null, 'GET', '/docs/api/reference.css')
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect(style.text).not.toMatch(/https?:|@import/)
  })

  test('gives commands that work when they are pasted', async () => {
    const ids: Readonly<Record<string, string>> = {
      ...{ getOrder: world.orderId, getKey: world.customer.keyId, updateKey: world.customer.keyId },
      ...{ getKeyUsage: world.customer.keyId, getProject: world.projectId, updateProject: world.projectId },
      ...{ getInvoicePdf: world.invoiceId, getInvoiceXml: world.invoiceId, getGeneration: world.generationId },
      ...{ getExport: world.exportId, getExportFile: world.exportId },
    }
    /** There is nothing that they could be done to: a code of one's own, a key or card that is to go, a voucher. */
    const pointless = new Set(['redeemCode', 'revokeKey', 'revokeApiKey', 'deletePaymentMethod', 'getPaymentReceipt'])
    for (const [id, command] of commands()) {
      const { stdout } = await run('sh', ['-c', `${command} -s -o /dev/null -w '%{http_code}'`], {
        env: { ...process.env, FAREBOX_API_KEY: world.customer.apiKey, ID: ids[id] ?? world.nowhere },
      })
      const status = Number(stdout)
      if (pointless.has(id)) expect([id, status]).toEqual([id, id === 'redeemCode' ? 400 : 404])
      else expect([id, status >= 200 && status < 300 ? 'works' : status]).toEqual([id, 'works'])
    }
  })
})
