import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { MAIL_SAMPLES } from './mail-samples.ts'
import { type MailWorld, openMailWorld } from './mail-world.ts'
import { readMessage } from './read-message.ts'

let world: MailWorld

beforeAll(async () => {
  world = await openMailWorld()
})
afterAll(() => world.close())

const fileOf = (id: string) => join(world.directory, `${id}.eml`)
const messageOf = async (id: string) => readMessage(await readFile(fileOf(id), 'utf8'))

describe('without an SMTP server', () => {
  test('a mail becomes a file that its owner alone may read, and says in text and HTML what was queued', async () => {
    const accountId = await world.account('Müller & Söhne')
    const id = await world.queue({ accountId, template: 'manual-order-paid', data: MAIL_SAMPLES['manual-order-paid'] })
    expect(await world.mailer().send(id)).toBe('sent')

    const { headers, text, html } = await messageOf(id)
    expect(headers.get('from')).toEqual(['Farebox <mail@credits.example.com>'])
    expect(headers.get('to')).toEqual(['ada@example.com'])
    expect(headers.get('subject')).toEqual(['Your transfer arrived: €5,000.00 of credits added'])
    expect(headers.get('message-id')).toEqual([`<${id}@credits.example.com>`])
    expect(headers.get('auto-submitted')).toEqual(['auto-generated'])
    expect(Date.parse(headers.get('date')?.[0] ?? '')).toBe(Math.floor(world.clock.now() / 1000) * 1000)
    expect(text).toContain('Balance now:   €5,261.80\n')
    expect(text).toContain('Farebox for Müller & Söhne')
    expect(html).toContain('<dd>€5,261.80</dd>')
    expect(html).toContain('Müller &amp; Söhne')
    expect((await stat(fileOf(id))).mode & 0o777).toBe(0o600)
    expect((await stat(world.directory)).mode & 0o777).toBe(0o700)
    expect(await world.row(id)).toMatchObject({ state: 'SENT', attempts: 1, error: null, next_attempt_at: null })
    expect((await world.row(id)).sent_at?.getTime()).toBe(world.clock.now())
  })

  test('a mail sent again after its commit was lost is the same one file, with the same Message-ID', async () => {
    const id = await world.queue()
    const mailer = world.mailer()
    await mailer.send(id)
    const { headers } = await messageOf(id)
    await world.pool.query(`UPDATE mail SET state = 'PENDING', sent_at = NULL WHERE id = $1`, [id])
    expect(await mailer.send(id)).toBe('sent')
    expect((await messageOf(id)).headers.get('message-id')).toEqual(headers.get('message-id'))
    expect((await readdir(world.directory)).filter((name) => name.includes(id))).toEqual([`${id}.eml`])
  })

  test('no text of a customer becomes a header, a recipient or HTML', async () => {
    const hostile = '<script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\nBody'
    const accountId = await world.account(hostile)
    const data = { ...MAIL_SAMPLES['refund-made'], reference: hostile, reason: hostile }
    const id = await world.queue({ accountId, template: 'refund-made', data })
    await world.mailer().send(id)
    const { headers, html, text } = await messageOf(id)
    expect([...headers.keys()].sort()).toEqual(
      ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].sort(),
    )
    expect(headers.get('subject')?.[0]).toContain('Bcc: eve@example.com')
    expect(headers.get('to')).toEqual(['ada@example.com'])
    expect(html).not.toContain('<script>')
    expect(text).not.toMatch(/^Bcc:/m)
  })
})

describe('sending', () => {
  test('is done once when it was done before', async () => {
    const id = await world.queue()
    const mailer = world.mailer()
    expect(await mailer.send(id)).toBe('sent')
    expect(await mailer.send(id)).toBe('already_sent')
    expect(await world.row(id)).toMatchObject({ attempts: 1 })
  })

  test('of a mail that is not finds nothing', async () => {
    expect(await world.mailer().send(uuidV7(world.clock))).toBe('gone')
    await expect(world.mailer().send('../../etc/passwd')).rejects.toThrow()
  })

  test('of a row whose data no longer fits its template fails as any other failure does', async () => {
    const id = await world.queue()
    await world.pool.query(`UPDATE mail SET data = '{}' WHERE id = $1`, [id])
    await expect(world.mailer().send(id)).rejects.toThrow()
    expect(await world.row(id)).toMatchObject({ state: 'PENDING', attempts: 1 })
  })
})

test('due are the pending mails whose time has come, the oldest first, and no more than asked for', async () => {
  await world.pool.query(`UPDATE mail SET state = 'SENT' WHERE state = 'PENDING'`)
  const mailer = world.mailer()
  const ids: string[] = []
  for (let count = 0; count < 4; count += 1) {
    world.clock.advance(1000)
    ids.push(await world.queue())
  }
  const [first, waiting, past, last] = ids as [string, string, string, string]
  const waits = 'UPDATE mail SET next_attempt_at = $2 WHERE id = $1'
  await world.pool.query(waits, [waiting, new Date(world.clock.now() + 1)])
  await world.pool.query(waits, [past, new Date(world.clock.now())])
  expect(await mailer.due(10)).toEqual([first, past, last])
  expect(await mailer.due(2)).toEqual([first, past])
  expect(await mailer.send(waiting)).toBe('later')
  world.clock.advance(1)
  expect(await mailer.due(10)).toEqual([first, waiting, past, last])
  await mailer.send(first)
  expect(await mailer.due(10)).toEqual([waiting, past, last])
  await expect(mailer.due(0)).rejects.toThrow()
})
