import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFareboxHome, type FareboxHome, type FareboxProcess } from './farebox-process.ts'

let home: FareboxHome
let farebox: FareboxProcess
beforeAll(async () => {
  home = await createFareboxHome({ WEB_CONCURRENCY: '2' })
  farebox = await home.start()
})
afterAll(() => home.clear())

async function ask(): Promise<number> {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 })
  // A connection of its own, so that the processes share the requests.
  const headers = { authorization: `Bearer ${await home.accessKey()}`, connection: 'close' }
  const response = await fetch(`${home.url}/v1/chat/completions`, { method: 'POST', headers, body })
  await response.text()
  return response.status
}

const living = () =>
  home.query<{ pid: number }>(
    `SELECT pid FROM gateway_instance WHERE stopped_at IS NULL AND heartbeat_at > now() - interval '10 s'`,
  )

test('two processes serve one port, one database and one balance', async () => {
  const since = new Date().toISOString()
  const statuses = await Promise.all(Array.from({ length: 40 }, ask))
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await home.query('SELECT count(*)::integer AS count FROM usage_event WHERE created_at >= $1', since)).toEqual([
    { count: 40 },
  ])
  expect(new Set((await living()).map(({ pid }) => pid)).size).toBeGreaterThanOrEqual(2)
  expect(await home.verify()).toMatch(/ledger is clean$/)
})

test('a process that is killed is started anew, and the service goes on', async () => {
  const [victim] = await living()
  process.kill(victim?.pid ?? 0, 'SIGKILL')
  const others = async () => (await living()).filter(({ pid }) => pid !== victim?.pid).length
  await expect.poll(others, { timeout: 20_000 }).toBeGreaterThanOrEqual(2)
  await expect.poll(ask, { timeout: 20_000 }).toBe(200)
})

test('Ctrl-C, which reaches all of them, stops all of them', async () => {
  const pids = (await living()).map(({ pid }) => pid)
  farebox.child.kill('SIGINT')
  expect(await farebox.ended).toBe(0)
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  expect(pids.filter(isAlive)).toEqual([])
})
