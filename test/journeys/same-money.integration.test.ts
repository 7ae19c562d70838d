import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addUser, type NewUser } from '../../src/accounts/add-user.ts'
import { createPrisma } from '../../src/db/prisma.ts'
import { parseDecimalNano } from '../../src/money/nano.ts'
import { rollUpUsage } from '../../src/reports/usage-rollup.ts'
import { seededRandom } from '../../src/sandbox/provider/seeded-random.ts'
import { apiKeyFor } from '../api/api-world.ts'
import { PASSWORD, Visitor } from '../sign-in/sign-in-world.ts'
import { CLEAN, type Customer, type Farebox, startFarebox } from '../support/farebox.ts'

const SEED = 20_261_121
const REQUESTS = 90
const DAY_MS = 86_400_000
/** AdminJS is loaded by whoever comes first, which takes a while on a busy machine. */
const DOOR = { timeout: 60_000, interval: 200 }

let farebox: Farebox
let direct: Customer[]
let resold: Customer[]

/** Requests of any size, some whole and some streamed, some of them added up by a run and some not yet. */
beforeAll(async () => {
  farebox = await startFarebox()
  const reseller = farebox.resellerId
  await farebox.running.gateway.ledger.credit({
    ...{ accountId: reseller, amountNano: 10n ** 12n, kind: 'GRANT', sourceId: crypto.randomUUID() },
    ...{ promotional: false, expiresAt: null, actorId: null, reason: null },
  })
  direct = [await farebox.customer(), await farebox.customer()]
  resold = [await farebox.customer({ resellerId: reseller }), await farebox.customer({ resellerId: reseller })]
  const all = [...direct, ...resold]
  const random = seededRandom(SEED)
  for (let done = 0; done < REQUESTS; done += 1) {
    const { client } = all[Math.floor(random() * all.length)] as Customer
    const content = 'word '.repeat(1 + Math.floor(random() ** 3 * 2_000))
    const body = { model: 'priced', messages: [{ role: 'user' as const, content }] }
    if (random() < 0.5) await client.chat.completions.create(body)
    else for await (const _ of await client.chat.completions.create({ ...body, stream: true }));
    if (done === REQUESTS / 2) await rollUpUsage(farebox)
  }
})
afterAll(() => farebox?.close())

async function visitor(person: Pick<NewUser, 'staffRole' | 'membership'>): Promise<Visitor> {
  const prisma = createPrisma(farebox.database.connectionString)
  const email = `${crypto.randomUUID()}@example.test`
  await addUser(prisma, farebox.clock, { email, name: 'Somebody', password: PASSWORD, ...person })
  await prisma.$disconnect()
  const entered = new Visitor(farebox.url)
  expect((await entered.signIn(email)).status).toBe(303)
  return entered
}

const ownerOf = (accountId: string) => visitor({ staffRole: null, membership: { accountId, role: 'OWNER' } })

/** What an account was debited, as the ledger has it. */
async function debitedNano(accountId: string): Promise<bigint> {
  const [row] = await farebox.rows<{ nano: string }>(
    `SELECT coalesce(-sum(amount_nano), 0)::text AS nano FROM ledger_entry WHERE kind = 'USAGE_DEBIT' AND account_id = $1`,
    accountId,
  )
  return BigInt(row?.nano ?? -1)
}

interface Dashboard {
  totals: { revenueNano: string; requests: string }
  groups: { key: string; figures: { revenueNano: string } }[]
}

async function dashboardOf(entered: Visitor): Promise<Dashboard> {
  let dashboard: Dashboard | undefined
  const read = async () => {
    const { status, html } = await entered.get('/admin/data/dashboard?range=7d&by=customer', {
      accept: 'application/json',
    })
    dashboard = status === 200 ? JSON.parse(html) : undefined
    return status
  }
  await expect.poll(read, DOOR).toBe(200)
  return dashboard as Dashboard
}

/** Digits and a sign of an amount such as `-$0.001234567`. */
const nanoOf = (written: string) => parseDecimalNano(written.replace(/[^\d.-]/g, ''))

async function portalNano(entered: Visitor): Promise<bigint> {
  const { html } = await entered.get('/usage?range=7d')
  return nanoOf(/Total spend<\/dt><dd title="([^"]+)"/.exec(html)?.[1] ?? 'no total')
}

/** The page's own table, to be taken home: column `cost` of its lines. */
async function portalFileNano(entered: Visitor): Promise<bigint> {
  const { html } = await entered.get('/usage?range=7d')
  const href = /href="([^"]+)"[^>]*>[^<]*CSV/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '/no-export'
  return sumOfColumn((await entered.get(href)).html, 'cost')
}

function sumOfColumn(csv: string, column: string): bigint {
  const [header = '', ...lines] = csv
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/)
  const index = header.split(',').indexOf(column)
  expect([column, header, index >= 0]).toEqual([column, header, true])
  return lines.reduce((sum, line) => sum + parseDecimalNano(line.split(',')[index] ?? ''), 0n)
}

async function apiNano(accountId: string): Promise<bigint[]> {
  const { secret } = await apiKeyFor(farebox, accountId)
  const read = async (path: string) => {
    const answer = await fetch(farebox.url + path, { headers: { authorization: `Bearer ${secret}` } })
    expect([path, answer.status]).toEqual([path, 200])
    return answer.json()
  }
  const from = new Date(farebox.clock.now() - 2 * DAY_MS).toISOString()
  const to = new Date(farebox.clock.now() + DAY_MS).toISOString()
  const range = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`
  const usage = (await read(`/v1/usage?${range}&groupBy=model`)) as { totals: { cost: string }; groups: Costing[] }
  const events = (await read(`/v1/usage/events?${range}&limit=1000`)) as { data: { cost: string }[] }
  const moved = (await read(`/v1/transactions?limit=100`)) as { data: { type: string; amount: string }[] }
  const debits = moved.data.map(({ amount }) => parseDecimalNano(amount)).filter((nano) => nano < 0n)
  return [
    parseDecimalNano(usage.totals.cost),
    usage.groups.reduce((sum, { figures }) => sum + parseDecimalNano(figures.cost), 0n),
    events.data.reduce((sum, { cost }) => sum + parseDecimalNano(cost), 0n),
    -debits.reduce((sum, nano) => sum + nano, 0n),
  ]
}
interface Costing {
  figures: { cost: string }
}

describe('the same money, wherever it is looked at', () => {
  test('portal, its file and the API say of each customer what the ledger debited, to the last unit', async () => {
    for (const { accountId } of [...direct, ...resold]) {
      const debited = await debitedNano(accountId)
      expect(debited).toBeGreaterThan(0n)
      const owner = await ownerOf(accountId)
      expect(await portalNano(owner)).toBe(debited)
      expect(await portalFileNano(owner)).toBe(debited)
      expect(await apiNano(accountId)).toEqual([debited, debited, debited, debited])
    }
  })

  test('the back office says of each customer what it brought the operator, and the reseller what it brought the reseller', async () => {
    const wholesale = await debitedNano(farebox.resellerId)
    const operator = await dashboardOf(await visitor({ staffRole: 'FINANCE', membership: null }))
    const reseller = await dashboardOf(await ownerOf(farebox.resellerId))
    const revenue = ({ groups }: Dashboard, accountId: string) =>
      BigInt(groups.find(({ key }) => key === accountId)?.figures.revenueNano ?? -1)
    let earned = wholesale
    for (const { accountId } of direct) {
      const debited = await debitedNano(accountId)
      expect(revenue(operator, accountId)).toBe(debited)
      earned += debited
    }
    let resale = 0n
    for (const { accountId } of resold) {
      const debited = await debitedNano(accountId)
      expect(revenue(reseller, accountId)).toBe(debited)
      resale += debited
    }
    expect(resold.reduce((sum, { accountId }) => sum + revenue(operator, accountId), 0n)).toBe(wholesale)
    expect(BigInt(operator.totals.revenueNano)).toBe(earned)
    expect(BigInt(reseller.totals.revenueNano)).toBe(resale)
    expect(Number(operator.totals.requests)).toBe(REQUESTS)
    expect(await farebox.verify()).toBe(CLEAN)
  })
})
