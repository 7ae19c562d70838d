import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { query, Scene } from './embedded-support.ts'

const IS_ROOT = process.getuid?.() === 0

const scene = new Scene()
afterEach(() => scene.clear())

test('the server is as configured: durable, UTC, UTF8, private, and reached through its socket', async () => {
  const directory = await scene.directory()
  const server = await scene.start(directory, { settings: { fsync: 'on', work_mem: '7MB' } })
  const names = ['fsync', 'synchronous_commit', 'jit', 'TimeZone', 'server_encoding', 'listen_addresses', 'work_mem']
  const shown = await query(
    server.connectionString(),
    `SELECT inet_server_addr() AS tcp_address, current_setting('password_encryption') AS password,
            ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`,
  )
  expect(shown).toEqual([
    {
      tcp_address: null,
      password: 'scram-sha-256',
      fsync: 'on',
      synchronous_commit: 'on',
      jit: 'off',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
      listen_addresses: '127.0.0.1',
      work_mem: '7MB',
    },
  ])
  expect((await stat(`${directory}.password`)).mode & 0o777).toBe(0o600)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})

test('a driver that knows no socket reaches the server over TCP, and nobody without the password', async () => {
  const server = await scene.start(await scene.directory())
  await server.createDatabase('näme with "quotes"')
  await server.createDatabase('näme with "quotes"')
  const url = new URL(server.connectionString('näme with "quotes"'))
  url.searchParams.delete('host')
  const rows = await query(url.href, 'SELECT current_database() AS name, host(inet_server_addr()) AS address')
  expect(rows).toEqual([{ name: 'näme with "quotes"', address: '127.0.0.1' }])
  url.password = 'wrong'
  await expect(query(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
})

test('a path too long for a socket gets one elsewhere, and it is gone afterwards', async () => {
  const server = await scene.start(await scene.directory(`a directory with spaces ${'x'.repeat(100)}`))
  expect(server.socketDirectory).toMatch(/^\/tmp\/farebox-/)
  expect(await query(server.connectionString(), 'SELECT inet_server_addr() AS address')).toEqual([{ address: null }])
  await server.stop()
  await expect(stat(server.socketDirectory!)).rejects.toThrow('ENOENT')
})

describe('a refusal is one clear sentence and leaves no lock behind', () => {
  test('data of another major version', async () => {
    const directory = await scene.directory()
    await mkdir(directory)
    await writeFile(join(directory, 'PG_VERSION'), '15\n')
    await expect(scene.start(directory)).rejects.toThrow(`${directory} was written by PostgreSQL 15, and this is`)
    expect(await readdir(dirname(directory))).toEqual(['postgres'])
  })

  test('a directory with other files', async () => {
    const directory = await scene.directory()
    await mkdir(directory)
    await writeFile(join(directory, 'thesis.txt'), 'mine')
    await expect(scene.start(directory)).rejects.toThrow(`${directory} holds other files`)
    expect(await readdir(directory)).toEqual(['thesis.txt'])
  })

  test('a place that cannot be written', async () => {
    const place = await scene.directory()
    await writeFile(place, 'a file in the way')
    await expect(scene.start(join(place, 'postgres'))).rejects.toThrow(/The directory .* cannot be written \(E/)
  })

  test.skipIf(IS_ROOT)('a place without permission', async () => {
    const directory = await scene.directory()
    await chmod(dirname(directory), 0o500)
    const refusal = `The directory ${dirname(directory)} cannot be written (EACCES); choose another data directory.`
    await expect(scene.start(directory)).rejects.toThrow(refusal)
  })

  test('a lost password', async () => {
    const directory = await scene.directory()
    await (await scene.start(directory)).stop()
    await rm(`${directory}.password`)
    await expect(scene.start(directory)).rejects.toThrow(`restore ${directory}.password`)
  })

  test('a server that does not start shows its log', async () => {
    const directory = await scene.directory()
    const started = scene.start(directory, { settings: { shared_buffers: 'plenty' } })
    await expect(started).rejects.toThrow(/stopped while starting[\s\S]*invalid value for parameter "shared_buffers"/)
    expect((await scene.start(directory)).directory).toBe(directory)
  })

  test('a fixed port that is taken', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port))
    })
    await expect(scene.start(await scene.directory(), { port })).rejects.toThrow(/could not bind[\s\S]*Address already/)
    await new Promise((resolve) => blocker.close(resolve))
  })
})

describe.runIf(IS_ROOT)('as root', () => {
  test('a directory that the server may not reach moves to /var/lib/farebox, says so, and stays there', async () => {
    const directory = await scene.directory()
    await chmod(dirname(directory), 0o700)
    const notices: string[] = []
    const logger = { info: (message: string) => notices.push(message), warn: () => undefined }
    const first = await scene.start(directory, { logger })
    try {
      expect(first.directory).toMatch(/^\/var\/lib\/farebox\/[0-9a-f]{12}\/data$/)
      expect(notices).toEqual([expect.stringContaining(`its data is in ${first.directory} instead of ${directory}`)])
      await query(first.connectionString(), 'CREATE TABLE here (id int)')
      await first.stop()
      await chmod(dirname(directory), 0o711)
      const second = await scene.start(directory)
      expect(second.directory).toBe(first.directory)
      expect(await query(second.connectionString(), 'SELECT count(*)::int AS n FROM here')).toEqual([{ n: 0 }])
      await second.stop()
    } finally {
      await first.stop()
      await rm(dirname(first.directory), { recursive: true, force: true })
    }
  })
})
