import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MAIL_SAMPLES } from './mail-samples.ts'
import { type MailWorld, openMailWorld } from './mail-world.ts'
import { readMessage } from './read-message.ts'
import { type SmtpServer, startSmtpServer } from './smtp-server.ts'

const MINUTE_MS = 60_000

let world: MailWorld
let server: SmtpServer

beforeAll(async () => {
  world = await openMailWorld()
  server = await startSmtpServer()
})
beforeEach(() => {
  server.deliveries.length = 0
  server.refusal = null
})
afterAll(async () => {
  await world.close()
  await server.close()
})

describe('over SMTP', () => {
  test('a mail arrives as it was queued, at its recipient alone', async () => {
    const accountId = await world.account()
    const mail = { template: 'credits-expiring', data: MAIL_SAMPLES['credits-expiring'] } as const
    const id = await world.queue({ accountId, recipient: 'bob@example.com', ...mail })
    expect(await world.mailer(server.url).send(id)).toBe('sent')
    const [delivery] = server.deliveries
    expect(server.deliveries).toHaveLength(1)
    expect(delivery).toMatchObject({ from: 'mail@credits.example.com', recipients: ['bob@example.com'] })
    const { headers, text, html } = readMessage(delivery?.source ?? '')
    expect(headers.get('subject')).toEqual(['$312.40 of your credits expire in 7 days'])
    expect(headers.get('message-id')).toEqual([`<${id}@credits.example.com>`])
    expect(text).toContain('28 November 2026, 00:30 UTC')
    expect(html).toContain('href="https://credits.example.com/portal/credits"')
    expect(await world.row(id)).toMatchObject({ state: 'SENT' })
  })

  test('ten senders at once, in two processes’ worth of mailers, deliver one mail', async () => {
    const id = await world.queue()
    const mailers = [world.mailer(server.url), world.mailer(server.url)] as const
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => mailers[index % 2 === 0 ? 0 : 1].send(id)),
    )
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(1)
    expect(outcomes.filter((outcome) => !['sent', 'later', 'already_sent'].includes(outcome))).toEqual([])
    expect(server.deliveries).toHaveLength(1)
    expect(await world.row(id)).toMatchObject({ state: 'SENT', attempts: 1 })
  })

  test('ten mails at once are ten deliveries', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.queue({ recipient: `user${index}@example.com` })),
    )
    const mailer = world.mailer(server.url)
    expect(await Promise.all(ids.map((id) => mailer.send(id)))).toEqual(ids.map(() => 'sent'))
    expect(new Set(server.deliveries.map((delivery) => delivery.recipients[0])).size).toBe(10)
  })
})

describe('a failure', () => {
  test('is recorded, thrown, and retried after 1 min, 5 min, 30 min, 2 h and 12 h; then the mail is given up', async () => {
    server.refusal = '451 Try again later'
    const id = await world.queue()
    const mailer = world.mailer(server.url)
    for (const [index, delayMs] of [1, 5, 30, 120, 720].map((minutes) => minutes * MINUTE_MS).entries()) {
      await expect(mailer.send(id)).rejects.toThrow('451')
      const row = await world.row(id)
      expect(row).toMatchObject({ state: 'PENDING', attempts: index + 1 })
      expect(row.error).toContain('451 Try again later')
      expect(row.next_attempt_at?.getTime()).toBe(world.clock.now() + delayMs)
      world.clock.advance(delayMs - 1)
      expect(await mailer.due(10)).not.toContain(id)
      expect(await mailer.send(id)).toBe('later')
      world.clock.advance(1)
      expect(await mailer.due(10)).toContain(id)
    }
    await expect(mailer.send(id)).rejects.toThrow('451')
    expect(await world.row(id)).toMatchObject({ state: 'FAILED', attempts: 6, next_attempt_at: null, sent_at: null })
    world.clock.advance(365 * 24 * 60 * MINUTE_MS)
    expect(await mailer.due(10)).not.toContain(id)
    server.refusal = null
    expect(await mailer.send(id)).toBe('gone')
    expect(server.deliveries).toEqual([])
  })

  test('that passes leaves a mail that is sent, and no error', async () => {
    server.refusal = '451 Try again later'
    const id = await world.queue()
    const mailer = world.mailer(server.url)
    await expect(mailer.send(id)).rejects.toThrow()
    server.refusal = null
    world.clock.advance(MINUTE_MS)
    expect(await mailer.send(id)).toBe('sent')
    expect(await world.row(id)).toMatchObject({ state: 'SENT', attempts: 2, error: null, next_attempt_at: null })
    expect(server.deliveries).toHaveLength(1)
  })

  test('of ten senders at once counts as one attempt', async () => {
    server.refusal = '451 Try again later'
    const id = await world.queue()
    const mailer = world.mailer(server.url)
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => mailer.send(id)))
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(1)
    expect(await world.row(id)).toMatchObject({ state: 'PENDING', attempts: 1 })
  })

  test('to reach the server at all is a failure like any other, and touches no other mail', async () => {
    const gone = await startSmtpServer()
    await gone.close()
    const [id, other] = [await world.queue(), await world.queue()]
    await expect(world.mailer(gone.url).send(id)).rejects.toThrow(/ECONNREFUSED/)
    expect(await world.row(id)).toMatchObject({ state: 'PENDING', attempts: 1 })
    expect(await world.row(other)).toMatchObject({ state: 'PENDING', attempts: 0, error: null })
  })
})
