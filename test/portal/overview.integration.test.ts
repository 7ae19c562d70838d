import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Farebox, startFarebox } from '../support/farebox.ts'
import { memberOf, textOf } from './credits-support.ts'

const run = promisify(execFile)
const PACKAGES = resolve(import.meta.dirname, '../../node_modules')

let farebox: Farebox
beforeAll(async () => {
  farebox = await startFarebox()
})
afterAll(() => farebox?.close())

const hello = { model: 'priced', messages: [{ role: 'user' as const, content: 'Hello' }] }

/** What somebody would copy out of the page. */
function snippet(html: string, id: string): string {
  const code = new RegExp(`<pre class="snippet" id="${id}"[^>]*><code>([^]*?)</code>`).exec(html)?.[1] ?? ''
  return code
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

describe('before the first request', () => {
  test('the way there is shown, each step with its state', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { visitor } = await memberOf(farebox, customer)
    const before = textOf((await visitor.get('/')).html)
    expect(before).toContain('1. Credits To do')
    expect(before).toContain('2. An access key Done')
    expect(before).toContain('3. The first request To do')
    await farebox.credit(customer.accountId, 5_000_000_000n)
    expect(textOf((await visitor.get('/')).html)).toContain('1. Credits Done You have $5.00')
    await farebox.rows('UPDATE access_key SET revoked_at = now(), disabled_at = now() WHERE id = $1', customer.keyId)
    expect(textOf((await visitor.get('/')).html)).toContain('2. An access key To do')
  })

  test('the command for curl works as it stands there', async () => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const command = snippet((await visitor.get('/')).html, 'curl')
    expect(command).toContain(`${farebox.url}/v1/chat/completions`)
    const { stdout } = await run('bash', ['-c', command], { env: { ...process.env, FAREBOX_API_KEY: customer.secret } })
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant' } }],
    })
    // With the first answer the page is the overview.
    expect(textOf((await visitor.get('/')).html)).toContain('Last 7 days')
  })

  test('the program in TypeScript works as it stands there, with the official SDK', async () => {
    const customer = await farebox.customer()
    const { visitor } = await memberOf(farebox, customer)
    const folder = await mkdtemp(join(tmpdir(), 'farebox-snippet-'))
    try {
      await symlink(PACKAGES, join(folder, 'node_modules'))
      await writeFile(join(folder, 'first.mts'), snippet((await visitor.get('/')).html, 'typescript'))
      const env = { ...process.env, FAREBOX_API_KEY: customer.secret }
      const { stdout } = await run(process.execPath, ['first.mts'], { cwd: folder, env })
      expect(stdout.trim().length).toBeGreaterThan(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('the program in Python names the same address, model and key', async () => {
    const { visitor } = await memberOf(farebox, await farebox.customer())
    const code = snippet((await visitor.get('/')).html, 'python')
    expect(code).toContain(`OpenAI(base_url="${farebox.url}/v1", api_key=os.environ["FAREBOX_API_KEY"])`)
    expect(code).toContain('model="doubled"')
  })

  test('only a model that has a price for this account is proposed', async () => {
    const { visitor } = await memberOf(farebox, await farebox.customer({ resellerId: farebox.resellerId }))
    // The reseller has a rule for every model that has a cost, and 'unpriced' has none.
    expect(snippet((await visitor.get('/')).html, 'curl')).toContain('"model": "doubled"')
  })
})

describe('how the account stands', () => {
  test('spend is told by period, as a sentence and as a table, and how long the balance lasts', async () => {
    const customer = await farebox.customer()
    await customer.client.chat.completions.create(hello)
    const { visitor } = await memberOf(farebox, customer)
    const { html } = await visitor.get('/')
    const [{ spent }] = (await farebox.rows<{ spent: string }>(
      'SELECT -sum(amount_nano) AS spent FROM ledger_entry WHERE account_id = $1 AND amount_nano < 0',
      customer.accountId,
    )) as [{ spent: string }]
    const exact = `$0.${spent.padStart(9, '0').replace(/0+$/, '')}`
    expect(html).toContain(`title="${exact}"`)
    expect(html).toMatch(/role="img" aria-label="Spend by day, [^"]+ in all, most on [^"]+"/)
    expect(html.match(/<rect [^>]*class="running"/g)).toHaveLength(1)
    expect(textOf(html)).toContain('Lasts, at the rate of the last 7 days more than a year')
  })

  test('what wants attention is said: a spent budget, an unconfirmed address', async () => {
    const customer = await farebox.customer()
    await customer.client.chat.completions.create(hello)
    const { visitor, userId } = await memberOf(farebox, customer)
    expect((await visitor.get('/')).html).not.toContain('What wants attention')
    await farebox.budget(customer, 'TOTAL', 0n)
    await farebox.rows('UPDATE "user" SET email_verified = false WHERE id = $1', userId)
    const text = textOf((await visitor.get('/')).html)
    expect(text).toContain('Budget spent The key “Test” has spent $0.00 of $0.00; its requests are refused.')
    expect(text).toContain('Confirm your e-mail')
  })

  test('somebody else’s figures are never among one’s own', async () => {
    const [mine, theirs] = [await farebox.customer(), await farebox.customer({ creditNano: 77_000_000_000n })]
    await mine.client.chat.completions.create(hello)
    await theirs.client.chat.completions.create(hello)
    const { visitor } = await memberOf(farebox, mine)
    visitor.cookies.set('farebox.account', theirs.accountId)
    const { html } = await visitor.get('/')
    expect(html).not.toContain('$76.99')
    expect(html).toContain('$0.99')
  })

  test('credits that have expired are no longer available, and it is said that requests are refused', async () => {
    const customer = await farebox.customer({ creditNano: 0n })
    await farebox.credit(customer.accountId, 1_000_000_000n, farebox.clock.now() + 3_600_000)
    await customer.client.chat.completions.create(hello)
    const { visitor } = await memberOf(farebox, customer)
    expect(textOf((await visitor.get('/')).html)).toContain('Expires next $0.99 on')
    farebox.clock.advance(3_600_001)
    const text = textOf((await visitor.get('/')).html)
    expect(text).toContain('No credits Requests are refused until credits are added. Add credits')
    expect(text).toContain('Available $0.00')
  })
})
