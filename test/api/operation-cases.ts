import { vi } from 'vitest'
import { writeSeller } from '../../src/invoicing/seller.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { createRedemptionCodes } from '../../src/orders/codes/create-redemption-codes.ts'
import { ensureDefaultPackages } from '../../src/orders/default-packages.ts'
import { CONSENT_VERSION } from '../../src/orders/top-up/consent.ts'
import { buy } from '../orders/money-in-calls.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type ApiCustomer, apiCustomer, apiKeyFor, call, type Reply, type Sent } from './api-world.ts'

/** A customer with something of everything: an order, an invoice, a card, requests, keys, projects, an export. */
export interface OperationsWorld {
  readonly farebox: Farebox
  readonly customer: ApiCustomer
  readonly orderId: string
  readonly invoiceId: string
  readonly cardId: string
  readonly generationId: string
  readonly projectId: string
  readonly exportId: string
  readonly code: string
  /** What is somebody else's is no more there than this. */
  readonly nowhere: string
  send(method: string, path: string, sent?: Sent): Promise<Reply>
}

const SELLER = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: 'DE136695976',
  email: 'billing@farebox.example',
  bank: { holder: 'Farebox Operations GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
  timeZone: 'Europe/Berlin',
}

export async function openOperationsWorld(): Promise<OperationsWorld> {
  const farebox = await startFarebox({ stripe: true, workers: true })
  const { pool, clock } = farebox
  await ensureDefaultPackages(pool, clock, 'USD')
  await writeSeller(pool, clock, null, SELLER)
  const customer = await apiCustomer(farebox)
  await farebox.rows('UPDATE account SET development = true WHERE id = $1', customer.accountId)
  const orderId = await buy(farebox, customer, 1_000, true)
  const send = (method: string, path: string, sent: Sent = {}) => call(farebox, customer.apiKey, method, path, sent)
  await customer.client.chat.completions.create({ model: 'priced', messages: [{ role: 'user', content: 'hi' }] })
  const [event] = (await send('GET', '/v1/usage/events')).body.data
  const [invoice] = (await send('GET', '/v1/invoices')).body.invoices
  const [card] = (await send('GET', '/credits/payment-methods')).body.paymentMethods
  const [project] = (await send('GET', '/v1/projects')).body.data
  const body = { kind: 'USAGE', format: 'csv', from: '2026-01-01', to: new Date(clock.now()).toISOString() }
  const { id: exportId } = (await send('POST', '/v1/exports', { body })).body
  await vi.waitFor(async () => {
    if ((await send('GET', `/v1/exports/${exportId}`)).body.state !== 'DONE') throw new Error('not made yet')
  }, PATIENCE)
  return {
    ...{ farebox, customer, orderId, send, exportId, code: await newCode(farebox), nowhere: uuidV7(clock) },
    ...{ invoiceId: invoice.id, cardId: card.id, generationId: event.id, projectId: project.id },
  }
}

async function newCode(farebox: Farebox): Promise<string> {
  const { pool, clock } = farebox
  const made = await createRedemptionCodes(
    { pool, clock },
    {
      ...{ count: 1, amountNano: 1_000_000_000n, currency: 'USD', creditDays: 90, expiresAt: null },
      ...{ note: 'Test', actorId: uuidV7(clock) },
    },
  )
  const [first] = made.outcome === 'created' ? made.codes : []
  if (!first) throw new Error('no code was made')
  return typeof first === 'string' ? first : first.code
}

type Ask = (world: OperationsWorld) => Promise<Reply>
export interface OperationCase {
  readonly success: Ask
  readonly failure: Ask
  /** Of the failure. */
  readonly code: string
}

const get =
  (path: string | ((world: OperationsWorld) => string)): Ask =>
  (world) =>
    world.send('GET', typeof path === 'string' ? path : path(world))
const unknownParameter = (path: string): Pick<OperationCase, 'failure' | 'code'> => ({
  failure: get(`${path}?nonsense=1`),
  code: 'invalid_request',
})
const missing = (path: (world: OperationsWorld) => string, code: string): Pick<OperationCase, 'failure' | 'code'> => ({
  failure: get(path),
  code,
})
const newKey: Ask = ({ send }) => send('POST', '/v1/keys', { body: { name: 'Made for a test' } })
const month = () => new Date().toISOString().slice(0, 7)

/** A success and a refusal of every operation of the document, by its operationId. */
export const OPERATION_CASES: Readonly<Record<string, OperationCase>> = {
  getCreditBalance: { success: get('/credits/balance'), ...unknownParameter('/credits/balance') },
  listCreditPackages: { success: get('/credits/packages'), ...unknownParameter('/credits/packages') },
  createCheckoutSession: {
    success: ({ send }) => send('POST', '/credits/checkout-session', { body: { amount: 500 } }),
    failure: ({ send }) => send('POST', '/credits/checkout-session', { body: { amount: 1 } }),
    code: 'amount_below_minimum',
  },
  getOrder: {
    success: get(({ orderId }) => `/credits/orders/${orderId}`),
    ...missing(({ nowhere }) => `/credits/orders/${nowhere}`, 'order_not_found'),
  },
  redeemCode: {
    success: ({ send, code }) => send('POST', '/credits/redeem', { body: { code } }),
    failure: ({ send }) => send('POST', '/credits/redeem', { body: { code: 'AAAA-AAAA-AAAA-AAAA' } }),
    code: 'code_not_redeemable',
  },
  grantDevelopmentCredits: {
    success: ({ send }) => send('POST', '/credits/development-grant', { body: { amount: 500 } }),
    failure: ({ send }) => send('POST', '/credits/development-grant', { body: { amount: 'much' } }),
    code: 'invalid_request',
  },
  listTransactions: {
    success: get('/v1/transactions?usage=each'),
    failure: get('/v1/transactions?kind=THEFT'),
    code: 'invalid_request',
  },
  listKeys: { success: get('/v1/keys'), failure: get('/v1/keys?limit=1000000000'), code: 'invalid_request' },
  createKey: {
    success: ({ send, projectId }) =>
      send('POST', '/v1/keys', {
        body: {
          ...{ name: 'All of it', projectId, scopes: ['inference', 'balance'], allowedModels: ['nickname'] },
          ...{ allowedIps: ['127.0.0.0/8'], maxOutputTokens: 100, expiresAt: '2030-01-01' },
          budgets: [
            { period: 'DAY', limitCents: 100 },
            { period: 'TOTAL', limitCents: 1_000 },
          ],
        },
      }),
    failure: ({ send, nowhere }) => send('POST', '/v1/keys', { body: { name: 'Astray', projectId: nowhere } }),
    code: 'project_not_found',
  },
  getKey: {
    success: get(({ customer }) => `/v1/keys/${customer.keyId}`),
    ...missing(({ nowhere }) => `/v1/keys/${nowhere}`, 'key_not_found'),
  },
  updateKey: {
    success: async (world) => {
      const { key } = (await newKey(world)).body
      return world.send('PATCH', `/v1/keys/${key.id}`, { body: { disabled: true, allowedIps: [], expiresAt: null } })
    },
    failure: ({ send, customer }) => send('PATCH', `/v1/keys/${customer.keyId}`, { body: { allowedIps: ['nowhere'] } }),
    code: 'invalid_request',
  },
  revokeKey: {
    success: async (world) => world.send('DELETE', `/v1/keys/${(await newKey(world)).body.key.id}`),
    failure: ({ send, nowhere }) => send('DELETE', `/v1/keys/${nowhere}`),
    code: 'key_not_found',
  },
  listProjects: { success: get('/v1/projects'), failure: get('/v1/projects?cursor=later'), code: 'invalid_request' },
  createProject: {
    success: ({ send }) =>
      send('POST', '/v1/projects', { body: { name: 'Search', budgets: [{ period: 'WEEK', limitCents: 5 }] } }),
    failure: ({ send }) => send('POST', '/v1/projects', { body: { name: 'Default' } }),
    code: 'project_name_taken',
  },
  getProject: {
    success: get(({ projectId }) => `/v1/projects/${projectId}`),
    ...missing(({ nowhere }) => `/v1/projects/${nowhere}`, 'project_not_found'),
  },
  updateProject: {
    success: ({ send, projectId }) => send('PATCH', `/v1/projects/${projectId}`, { body: { name: 'Default' } }),
    failure: ({ send, projectId }) => send('PATCH', `/v1/projects/${projectId}`, { body: { name: ' ' } }),
    code: 'invalid_request',
  },
  getAccountBudgets: { success: get('/v1/budgets'), ...unknownParameter('/v1/budgets') },
  setAccountBudgets: {
    success: ({ send }) =>
      send('PUT', '/v1/budgets', { body: { budgets: [{ period: 'MONTH', limitCents: 1_000_000 }] } }),
    failure: ({ send }) => send('PUT', '/v1/budgets', { body: { budgets: [{ period: 'HOUR', limitCents: 1 }] } }),
    code: 'invalid_request',
  },
  getUsage: {
    success: get('/v1/usage?groupBy=model'),
    failure: get('/v1/usage?from=2026-11-02&to=2026-11-01'),
    code: 'invalid_request',
  },
  getUsageSummary: { success: get('/v1/usage/summary'), ...unknownParameter('/v1/usage/summary') },
  getKeyUsage: {
    success: get(({ customer }) => `/v1/keys/${customer.keyId}/usage?groupBy=model`),
    ...missing(({ nowhere }) => `/v1/keys/${nowhere}/usage`, 'key_not_found'),
  },
  listUsageEvents: {
    success: get('/v1/usage/events?limit=5'),
    failure: get('/v1/usage/events?format=xml'),
    code: 'invalid_request',
  },
  getGeneration: {
    success: get(({ generationId }) => `/v1/generations/${generationId}`),
    ...missing(({ nowhere }) => `/v1/generations/${nowhere}`, 'generation_not_found'),
  },
  listPaymentMethods: { success: get('/credits/payment-methods'), ...unknownParameter('/credits/payment-methods') },
  createSetupSession: {
    success: ({ send }) => send('POST', '/credits/setup-session'),
    failure: ({ send }) => send('POST', '/credits/setup-session?nonsense=1'),
    code: 'invalid_request',
  },
  deletePaymentMethod: {
    success: async ({ send, farebox, customer }) => {
      const cards = async () => (await send('GET', '/credits/payment-methods')).body.paymentMethods
      const before = new Set((await cards()).map(({ id }: { id: string }) => id))
      await buy(farebox, customer, 600, true)
      const added = (await cards()).find(({ id }: { id: string }) => !before.has(id))
      return send('DELETE', `/credits/payment-methods/${added.id}`)
    },
    failure: ({ send }) => send('DELETE', '/credits/payment-methods/pm_nowhere'),
    code: 'payment_method_not_found',
  },
  getAutoTopUp: { success: get('/v1/auto-top-up'), ...unknownParameter('/v1/auto-top-up') },
  setAutoTopUp: {
    success: ({ send, cardId }) =>
      send('PUT', '/v1/auto-top-up', {
        body: {
          ...{ enabled: true, thresholdCents: 500, amountCents: 1_000, monthlyCapCents: 10_000 },
          ...{ paymentMethodId: cardId, consentVersion: CONSENT_VERSION },
        },
      }),
    failure: ({ send }) => send('PUT', '/v1/auto-top-up', { body: { enabled: 'yes' } }),
    code: 'invalid_request',
  },
  listInvoices: { success: get('/v1/invoices'), failure: get('/v1/invoices?limit=0'), code: 'invalid_request' },
  getInvoicePdf: {
    success: get(({ invoiceId }) => `/v1/invoices/${invoiceId}.pdf`),
    ...missing(({ nowhere }) => `/v1/invoices/${nowhere}.pdf`, 'document_not_found'),
  },
  getInvoiceXml: {
    success: get(({ invoiceId }) => `/v1/invoices/${invoiceId}.xml?format=ubl`),
    ...missing(({ nowhere }) => `/v1/invoices/${nowhere}.xml`, 'document_not_found'),
  },
  getPaymentReceipt: {
    success: async ({ send, farebox, customer }) => {
      const { pool, clock } = farebox
      await writeSeller(pool, clock, null, { ...SELLER, taxPoint: 'USAGE' })
      const id = await buy(farebox, customer, 700)
      await writeSeller(pool, clock, null, SELLER)
      return send('GET', `/v1/receipts/${id}.pdf`)
    },
    ...missing(({ nowhere }) => `/v1/receipts/${nowhere}.pdf`, 'order_not_found'),
  },
  getBillingProfile: { success: get('/v1/billing-profile'), ...unknownParameter('/v1/billing-profile') },
  setBillingProfile: {
    success: ({ send }) =>
      send('PUT', '/v1/billing-profile', { body: { name: 'Example GmbH', address: { country: 'DE' } } }),
    failure: ({ send }) => send('PUT', '/v1/billing-profile', { body: { name: 'Example GmbH' } }),
    code: 'invalid_request',
  },
  listBillingProfiles: {
    success: get('/v1/billing-profile/history'),
    failure: get('/v1/billing-profile/history?before=x'),
    code: 'invalid_request',
  },
  getStatementCsv: {
    success: get(() => `/v1/statements/${month()}.csv`),
    failure: get('/v1/statements/2100-01.csv'),
    code: 'month_not_found',
  },
  getStatementPdf: {
    success: get(() => `/v1/statements/${month()}.pdf`),
    failure: get('/v1/statements/lately.pdf'),
    code: 'invalid_request',
  },
  createExport: {
    success: ({ send }) =>
      send('POST', '/v1/exports', {
        body: { kind: 'STATEMENT', format: 'csv', from: '2026-10-01', to: '2026-11-01' },
      }),
    failure: ({ send }) =>
      send('POST', '/v1/exports', { body: { kind: 'USAGE', format: 'csv', from: '2016-01-01', to: '2026-01-01' } }),
    code: 'invalid_request',
  },
  getExport: {
    success: get(({ exportId }) => `/v1/exports/${exportId}`),
    ...missing(({ nowhere }) => `/v1/exports/${nowhere}`, 'export_not_found'),
  },
  getExportFile: {
    success: get(({ exportId }) => `/v1/exports/${exportId}/file`),
    ...missing(({ nowhere }) => `/v1/exports/${nowhere}/file`, 'export_not_found'),
  },
  getConfiguration: { success: get('/v1/configuration'), ...unknownParameter('/v1/configuration') },
  setConfiguration: {
    success: ({ send }) =>
      send('PUT', '/v1/configuration', {
        body: { requestTimeoutMs: 60_000, maxOutputTokens: 4_096, metadata: { team: 'search' } },
      }),
    failure: ({ send }) => send('PUT', '/v1/configuration', { body: {}, headers: { 'if-match': '"99"' } }),
    code: 'configuration_changed_meanwhile',
  },
  listApiKeys: { success: get('/v1/api-keys'), ...unknownParameter('/v1/api-keys') },
  createApiKey: {
    success: ({ send }) => send('POST', '/v1/api-keys', { body: { name: 'Reports', scopes: ['usage:read'] } }),
    failure: ({ send }) => send('POST', '/v1/api-keys', { body: { name: 'Reports', scopes: ['everything'] } }),
    code: 'invalid_request',
  },
  revokeApiKey: {
    success: async ({ send, farebox, customer }) =>
      send('DELETE', `/v1/api-keys/${(await apiKeyFor(farebox, customer.accountId)).id}`),
    failure: ({ send, nowhere }) => send('DELETE', `/v1/api-keys/${nowhere}`),
    code: 'api_key_not_found',
  },
}
