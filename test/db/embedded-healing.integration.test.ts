import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { isAlive } from '../../src/db/embedded/process-identity.ts'
import { killHard, query, running, Scene } from './embedded-support.ts'

const WAIT = { timeout: 10_000, interval: 20 }
const MARK = "CREATE TABLE kept AS SELECT 'kept' AS word"
const READ_MARK = 'SELECT word FROM kept'

const scene = new Scene()
afterEach(() => scene.clear())

test('data survives a restart, and a stopped server leaves neither process nor lock', async () => {
  const directory = await scene.directory()
  const first = await scene.start(directory)
  await query(first.connectionString(), MARK)
  await Promise.all([first.stop(), first.stop()])
  expect(isAlive(first.pid)).toBe(false)
  await expect(readFile(`${directory}.owner`)).rejects.toThrow('ENOENT')

  const second = await scene.start(directory)
  expect(await query(second.connectionString(), READ_MARK)).toEqual([{ word: 'kept' }])
})

test.each([
  ['a process that is gone', () => spawnSync(process.execPath, ['-e', '0']).pid],
  ['a live process that is no server (the pid was recycled)', () => process.pid],
])('a postmaster.pid that names %s is no obstacle', async (_case, pidOf) => {
  const directory = await scene.directory()
  const first = await scene.start(directory)
  await query(first.connectionString(), MARK)
  const pidFile = await readFile(join(directory, 'postmaster.pid'), 'utf8')
  await first.stop()
  await writeFile(join(directory, 'postmaster.pid'), pidFile.replace(/^\d+/, String(pidOf())), { mode: 0o644 })

  const second = await scene.start(directory)
  expect(await query(second.connectionString(), READ_MARK)).toEqual([{ word: 'kept' }])
})

test('the orphan of a killed owner is stopped and its data is served anew', async () => {
  const directory = await scene.directory()
  const { owner, report } = await scene.startOwner(directory)
  const orphan = running(report)
  await query(orphan.connectionString, MARK)
  await killHard(owner)
  expect(isAlive(orphan.serverPid)).toBe(true)

  const warnings: string[] = []
  const logger = { info: () => undefined, warn: (message: string) => warnings.push(message) }
  const server = await scene.start(directory, { logger })
  await vi.waitFor(() => expect(isAlive(orphan.serverPid)).toBe(false), WAIT)
  expect(warnings).toEqual([expect.stringContaining('Farebox that was killed')])
  expect(await query(server.connectionString(), READ_MARK)).toEqual([{ word: 'kept' }])
})

test('a live server that somebody else started is refused and left alone', async () => {
  const directory = await scene.directory()
  const first = await scene.start(directory)
  await first.stop()
  const stranger = await scene.startStranger(directory, first.port)
  const readOne = () => query(first.connectionString(), 'SELECT 1 AS one')
  await vi.waitFor(readOne, WAIT)
  const refusal = `The data directory ${directory} is in use by process ${stranger.pid}, which Farebox did not start.`
  await expect(scene.start(directory)).rejects.toThrow(refusal)
  expect(await readOne()).toEqual([{ one: 1 }])
})

test('of several starters on the directory of a killed owner one gets it', async () => {
  const directory = await scene.directory()
  const { owner, report } = await scene.startOwner(directory)
  await killHard(owner)
  const starters = await Promise.all([1, 2, 3].map(() => scene.startOwner(directory)))

  const winners = starters.filter((starter) => 'serverPid' in starter.report)
  expect(winners).toHaveLength(1)
  const { connectionString, serverPid } = running(winners[0]!.report)
  expect(serverPid).not.toBe(running(report).serverPid)
  expect(await query(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a recycled pid in the owner file does not pass for the owner', async () => {
  const directory = await scene.directory()
  await writeFile(`${directory}.owner`, JSON.stringify({ pid: process.pid, mark: 'another boot:1', token: 'old' }))
  const server = await scene.start(directory)
  expect(await query(server.connectionString(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a directory held by a live owner is refused by name and pid, and the holder serves on', async () => {
  const directory = await scene.directory()
  const { owner, report } = await scene.startOwner(directory)
  const refusal = `The data directory ${directory} is in use by the running Farebox process ${owner.pid}; stop it first.`
  await expect(scene.start(directory)).rejects.toThrow(refusal)
  expect(await query(running(report).connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])

  await killHard(owner)
  const own = await scene.start(directory)
  await expect(scene.start(directory)).rejects.toThrow(`running Farebox process ${process.pid}`)
  expect(await query(own.connectionString(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a Ctrl-C in the terminal leaves the server to the shutdown of its owner', async () => {
  const { owner, report } = await scene.startOwner(await scene.directory())
  const { connectionString, serverPid } = running(report)
  process.kill(-owner.pid!, 'SIGINT')
  // A signal is handled in order: a server that had it would refuse this connection or end.
  expect(await query(connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  expect(isAlive(serverPid)).toBe(true)
  const stat = await readFile(`/proc/${serverPid}/stat`, 'utf8').catch(() => undefined)
  if (stat) expect(Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3])).toBe(serverPid)
})

test('a server that was killed itself is reported, stops without an error and recovers at the next start', async () => {
  const directory = await scene.directory()
  const warnings: string[] = []
  const logger = { info: () => undefined, warn: (message: string) => warnings.push(message) }
  const first = await scene.start(directory, { logger })
  await query(first.connectionString(), MARK)
  process.kill(first.pid, 'SIGKILL')
  await vi.waitFor(() => expect(warnings).toEqual([expect.stringContaining('ended by itself')]), WAIT)
  await first.stop()

  const second = await scene.start(directory)
  expect(await query(second.connectionString(), READ_MARK)).toEqual([{ word: 'kept' }])
})
