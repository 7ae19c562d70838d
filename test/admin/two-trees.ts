import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { RESOURCES } from '../../src/admin/all-resources.ts'
import { type FieldShape, type ModelShape, modelOf, readShape } from '../../src/admin/shape.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'

/** A reseller, a customer of it, and a row of every table about them. All its texts contain its mark. */
export interface Tree {
  readonly mark: string
  readonly resellerId: string
  readonly customerId: string
  readonly memberId: string
  /** The ids of its rows, by model. */
  readonly ids: ReadonlyMap<string, string>
}

const shape = readShape()
const clock = { now: () => Date.now() }

/** Rows that a row refers to come before it. */
const FIRST = [
  ...['Plan', 'Account', 'Wallet', 'User', 'Membership', 'Project', 'AccessKey', 'Provider', 'Model', 'CreditPackage'],
  ...[
    'PaymentOrder',
    'Refund',
    'Seller',
    'InvoiceSeries',
    'Route',
    'CostProfile',
    'ListPrice',
    'CreditLot',
    'UsageEvent',
  ],
]

const WITHOUT_CHECKS = `DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
           WHERE contype = 'c' AND conrelid <> 0 AND conparentid = 0 AND connamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', c.t, c.conname);
  END LOOP; END $$`

/** Every model that has a list, and those that they refer to. */
export const MODELS = [...new Set([...FIRST, ...RESOURCES.map(({ model }) => model)])]

/**
 * Writes one row into every table that the back office shows, for a reseller's tree, or for the operator (`mark` 'operator'):
 * made of the schema itself, so that a new table has its row without anybody thinking of it.
 */
export async function seedTree(connectionString: string, mark: string, name = mark): Promise<Tree> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    // Facts without their history: what guards each step is not what is tested here.
    await client.query('SET session_replication_role = replica')
    await client.query(WITHOUT_CHECKS)
    const ids = new Map<string, string>()
    const isReseller = mark !== 'operator'
    const resellerId = uuidV7(clock)
    ids.set('Reseller', resellerId)
    const reseller = { id: resellerId, kind: 'RESELLER', name: `${name} reseller`, slug: `${mark}-reseller` }
    await insert(client, modelOf(shape, 'Account'), mark, { ...reseller, resellerId: null, planId: null })
    for (const modelName of MODELS) {
      const id = uuidV7(clock)
      ids.set(modelName, id)
      await insert(client, modelOf(shape, modelName), mark, valuesOf(modelName, { id, ids, mark, name, isReseller }))
    }
    await insert(client, modelOf(shape, 'Wallet'), mark, { accountId: resellerId })
    const [customerId, memberId] = [ids.get('Account') as string, ids.get('User') as string]
    const membership = { id: uuidV7(clock), accountId: resellerId, userId: memberId, role: 'OWNER' }
    await insert(client, modelOf(shape, 'Membership'), mark, membership)
    return { mark, resellerId, customerId, memberId, ids }
  } finally {
    await client.end()
  }
}

interface Seeding {
  id: string
  ids: ReadonlyMap<string, string>
  mark: string
  name: string
  isReseller: boolean
}

/** What refers to other rows, and what the database's checks want otherwise than a plain value. */
function valuesOf(model: string, { id, ids, mark, name, isReseller }: Seeding): Record<string, unknown> {
  const of = (other: string) => ids.get(other) ?? randomUUID()
  const reseller = isReseller ? of('Reseller') : null
  const links: Record<string, unknown> = {
    ...{ id, accountId: of('Account'), resellerId: reseller, projectId: of('Project'), accessKeyId: of('AccessKey') },
    ...{
      planId: of('Plan'),
      modelId: of('Model'),
      providerId: of('Provider'),
      routeId: of('Route'),
      userId: of('User'),
    },
    ...{
      packageId: of('CreditPackage'),
      orderId: of('PaymentOrder'),
      sellerId: of('Seller'),
      seriesId: of('InvoiceSeries'),
    },
    ...{ actorId: of('User'), createdById: of('User'), recordedById: of('User'), requestedBy: of('User') },
    ...{ lotId: of('CreditLot'), costProfileId: of('CostProfile'), listPriceId: of('ListPrice') },
    ...{ redeemedByAccountId: of('Account'), redeemedAt: new Date() },
  }
  const special: Record<string, Record<string, unknown>> = {
    Account: { kind: 'CUSTOMER', name: `${name} customer`, slug: `${mark}-customer` },
    Wallet: { balanceNano: 12_345_678_900n, heldNano: 0n, debtNano: 0n, topUpDueAt: null },
    PaymentOrder: {
      ...{ netMinor: 100n, taxMinor: 0n, totalMinor: 100n, creditNano: 1_000_000_000n, reference: `RF-${mark}` },
      ...{ kind: 'MANUAL', provider: 'BANK', state: 'AWAITING_PAYMENT', lotId: null, bonusLotId: null },
      ...{ refundedMinor: 0n, withdrawnNano: 0n },
    },
    Refund: { netMinor: 100n, taxMinor: 0n, totalMinor: 100n, state: 'PENDING', providerRefundId: `re_${mark}` },
    Dispute: { state: 'OPEN' },
    CreditLot: { grantedNano: 10n, remainingNano: 10n, heldNano: 0n, frozenNano: 0n, open: true },
    LedgerEntry: { kind: 'USAGE_DEBIT', amountNano: -1n, lotIds: [], lotAmountsNano: [], sourceId: of('UsageEvent') },
    TaxDocument: {
      ...{ kind: 'INVOICE', originalId: null, refundId: null, netMinor: 100n, taxMinor: 0n, totalMinor: 100n },
      number: `N-${mark}`,
    },
    Seller: { accountId: reseller, country: 'DE' },
    PriceRule: {
      ...{
        sellerId: reseller,
        kind: 'MARKUP_ON_COST',
        markupBps: 1234,
        discountBps: null,
        additionNano: null,
        rates: null,
      },
    },
    AutoTopUp: { consentId: randomUUID(), thresholdNano: 1n, amountMinor: 500n, paymentMethodId: `pm_${mark}` },
    Adjustment: {
      state: 'PENDING',
      decidedAt: null,
      decidedById: null,
      attachmentKey: null,
      attachmentName: null,
      attachmentType: null,
      attachmentSha256: null,
    },
    AuditEntry: { outcome: 'DONE', actorRole: 'OWNER', seq: BigInt(Math.floor(Math.random() * 1e12)) },
    Budget: { projectId: of('Project'), accessKeyId: null },
    User: { staffRole: null, email: `member@${mark}.test`, name: `${name} member` },
    RouteAttempt: { requestId: of('UsageEvent') },
    Hold: { requestId: randomUUID() },
    TaxRate: { territory: mark.slice(0, 6), rateBps: 1900 },
    ExportRequest: { state: 'DONE', kind: 'USAGE', format: 'csv' },
    WebhookEvent: { id: `evt_${mark}` },
    ProviderKey: { secretEnv: null },
  }
  return { ...links, ...special[model] }
}

async function insert(
  client: pg.Client,
  model: ModelShape,
  mark: string,
  given: Record<string, unknown>,
): Promise<void> {
  const fields = model.fields.filter(({ kind }) => kind === 'scalar' || kind === 'enum')
  const columns = fields.map((field) => `"${field.dbName ?? field.name}"`)
  const values = fields.map((field) => (field.name in given ? given[field.name] : plainValue(field, mark)))
  const places = fields.map((_field, index) => `$${index + 1}`)
  const table = `"${model.dbName ?? model.name}"`
  await client.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`, values)
}

/** Some value of the type; its texts say whose it is. */
function plainValue({ name, type, kind, isList, nativeType }: FieldShape, mark: string): unknown {
  if (isList) return type === 'String' && nativeType?.[0] !== 'Uuid' ? [`${mark} ${name}`] : []
  if (kind === 'enum') return shape.enums.find((each) => each.name === type)?.values[0]?.name
  if (nativeType?.[0] === 'Uuid') return randomUUID()
  if (nativeType?.[0] === 'Char') return name === 'currency' ? 'USD' : 'DE'
  if (type === 'String') return `${mark} ${name} ${randomBytes(4).toString('hex')}`
  if (type === 'DateTime') return new Date()
  if (type === 'Bytes') return randomBytes(32)
  if (type === 'Json') return JSON.stringify({ mark })
  if (type === 'Boolean') return false
  return name === 'number' ? BigInt(Math.floor(Math.random() * 1e9)) : 1
}
