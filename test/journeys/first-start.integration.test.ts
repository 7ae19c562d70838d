import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDecimalNano } from '../../src/money/nano.ts'
import { createFareboxHome, type FareboxHome, type FareboxProcess } from './farebox-process.ts'

const shell = (line: string) => promisify(execFile)('sh', ['-c', line], { timeout: 20_000 })

/** One home for the whole story: the tests are its chapters, in order. */
let home: FareboxHome
let farebox: FareboxProcess
let requests: unknown
beforeAll(async () => {
  home = await createFareboxHome()
})
afterAll(() => home.clear())

async function balanceNano(): Promise<bigint> {
  const [wallet] = await home.query<{ balance_nano: string }>(
    `SELECT balance_nano FROM wallet JOIN account ON account.id = account_id WHERE slug = 'acme'`,
  )
  return BigInt(wallet?.balance_nano ?? -1)
}

/** The command that the greeting offers, over all its lines. */
function printedCurl(stdout: string): string {
  return /^ {2}(curl [^\n]*\\\n(?:[^\n]*\\\n)*[^\n]*)$/m.exec(stdout)?.[1] ?? 'no curl line was printed'
}

async function postgresPid(): Promise<number> {
  const pidFile = await readFile(join(home.dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(pidFile.split('\n')[0])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function isPortFree(): Promise<boolean> {
  const probe = createServer()
  const free = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false)).listen(home.port, '127.0.0.1', () => resolve(true))
  })
  if (free) await new Promise((resolve) => probe.close(resolve))
  return free
}

test('the first start prints a curl line that works as it stands, and the balance falls by exactly its charge', async () => {
  farebox = await home.start()
  const before = await balanceNano()
  const { stdout } = await shell(printedCurl(farebox.stdout()))
  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r?\n/)
  const charge = parseDecimalNano(/^x-farebox-charge: (\S+)/im.exec(stdout)?.[1] ?? '')
  expect(charge).toBeGreaterThan(0n)
  expect(stdout).toContain(`"cost":`)
  expect(await balanceNano()).toBe(before - charge)
})

test('the logins are written for tools, and for nobody else to read', async () => {
  const path = join(home.dataDirectory, 'demo.json')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const logins = JSON.parse(await readFile(path, 'utf8'))
  expect(logins.baseUrl).toBe(home.url)
  for (const { email, password } of [logins.operator, logins.finance, logins.reseller, logins.customer]) {
    expect(farebox.stdout()).toContain(email)
    expect(farebox.stdout()).toContain(password)
  }
})

test('the reseller’s customer can call too, and both wallets pay', async () => {
  const logins = JSON.parse(await readFile(join(home.dataDirectory, 'demo.json'), 'utf8'))
  const since = new Date().toISOString()
  const line = printedCurl(farebox.stdout()).replace(logins.customer.accessKey, logins.resellerCustomer.accessKey)
  expect((await shell(line)).stdout).toContain('HTTP/1.1 200 OK')
  const debited = await home.query(
    `SELECT slug FROM ledger_entry JOIN account ON account.id = account_id
     WHERE ledger_entry.kind = 'USAGE_DEBIT' AND ledger_entry.created_at >= '${since}' ORDER BY slug`,
  )
  expect(debited).toEqual([{ slug: 'northwind' }, { slug: 'tailspin' }])
})

test('a second Farebox on the same data directory says whose it is, and ends', async () => {
  const second = await home.start({ PORT: '0' })
  expect(await second.ended).toBe(1)
  expect(second.stderr()).toMatch(/Farebox did not start\. .*(process|PID|pid) \d+/)
  expect(second.stderr()).not.toContain('    at ')
  expect(farebox.child.exitCode).toBeNull()
})

const countRequests = () => home.query('SELECT count(*)::integer AS count FROM usage_event')

test('the demo has a past, and the books of it are proved', async () => {
  const [{ days, accounts } = { days: 0, accounts: 0 }] = await home.query<{ days: number; accounts: number }>(
    `SELECT count(DISTINCT created_at::date)::integer AS days, count(DISTINCT account_id)::integer AS accounts FROM usage_event`,
  )
  expect(days).toBeGreaterThan(60)
  expect(accounts).toBe(2)
  expect(await home.query(`SELECT count(*)::integer AS count FROM tax_document`)).toEqual([{ count: 5 }])
  expect(await home.verify()).toMatch(/ledger is clean$/)
  requests = await countRequests()
})

test('Ctrl-C stops all of it: the process, its database, its port', async () => {
  const pid = await postgresPid()
  expect(isAlive(pid)).toBe(true)
  farebox.child.kill('SIGINT')
  expect(await farebox.ended).toBe(0)
  expect(isAlive(pid)).toBe(false)
  expect(await isPortFree()).toBe(true)
})

test('a second start keeps data and logins, and its curl line works too', async () => {
  const [loginsBefore, greetingBefore] = [await home.accessKey(), printedCurl(farebox.stdout())]
  farebox = await home.start()
  expect(await home.accessKey()).toBe(loginsBefore)
  expect(printedCurl(farebox.stdout())).toBe(greetingBefore)
  expect(await countRequests()).toEqual(requests)
  expect((await shell(printedCurl(farebox.stdout()))).stdout).toContain('x-farebox-charge: ')
  expect(await home.verify()).toMatch(/ledger is clean$/)
  const { child, ended } = farebox
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('a port that is taken is named, with what to do, and nothing is left running', async () => {
  const stranger = createServer()
  await new Promise<void>((resolve) => stranger.listen(home.port, '127.0.0.1', resolve))
  const refused = await home.start()
  expect(await refused.ended).toBe(1)
  expect(refused.stderr()).toContain(`Farebox did not start. Port ${home.port} on 127.0.0.1 is taken`)
  expect(refused.stderr()).not.toContain('    at ')
  await expect(stat(join(home.dataDirectory, 'postgres', 'postmaster.pid'))).rejects.toThrow('ENOENT')
  await new Promise((resolve) => stranger.close(resolve))
})

test('a setting that cannot be is named before anything is started', async () => {
  const refused = await home.start({ PORT: 'http' })
  expect(await refused.ended).toBe(1)
  expect(refused.stderr()).toBe("Farebox did not start. PORT is 'http': expected a whole number from 0 to 65535.\n")
})
