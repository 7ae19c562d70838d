import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inviteMember, revokeInvitation } from '../../src/sign-in/invitations.ts'
import { signUp } from '../../src/sign-in/sign-up.ts'
import { DAY_MS, HOUR_MS, PASSWORD, type SignInWorld, startSignInWorld } from './sign-in-world.ts'

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
})
afterAll(() => world.close())

const USED = 'This link cannot be used'
const WHOEVER = { cookie: undefined, userAgent: undefined, ip: '192.0.2.1' }
const NEW = { name: 'Nora New', company: 'New & Sons', password: PASSWORD }
const tokenOf = (path: string) => path.split(/[=/]/).at(-1) ?? ''

describe('signing up', () => {
  test('makes person, account, wallet, project and ownership, and lets in whoever has the mail', async () => {
    const email = 'nora@example.test'
    const visitor = world.visitor()
    const answer = await visitor.post('/sign-up', { ...NEW, email: 'Nora@Example.test' })
    expect(answer.status).toBe(200)
    expect(answer.html).toContain('We have written to <strong>nora@example.test</strong>')
    expect(
      await world.rows(
        `SELECT account.name, account.kind, account.reseller_id, account.development, wallet.currency,
                wallet.balance_nano, project.name AS project, membership.role, "user".email_verified, "user".staff_role
         FROM "user" JOIN membership ON user_id = "user".id JOIN account ON account.id = membership.account_id
         JOIN wallet ON wallet.account_id = account.id JOIN project ON project.account_id = account.id WHERE email = $1`,
        email,
      ),
    ).toEqual([
      {
        ...{ name: 'New & Sons', kind: 'CUSTOMER', reseller_id: null, development: true, currency: 'USD' },
        ...{ balance_nano: '0', project: 'Default', role: 'OWNER', email_verified: false, staff_role: null },
      },
    ])
    const early = await visitor.signIn(email)
    expect(early.status).toBe(403)
    expect(early.html).toContain('yet to be confirmed')

    const path = await world.mailedPath(email, 'verify-email')
    // A mail program that looks at links confirms nothing.
    for (let look = 0; look < 2; look++) expect((await visitor.get(path)).html).toContain(`Confirm ${email}`)
    const confirmed = await visitor.post('/verify-email', { token: tokenOf(path) }, path)
    expect(confirmed.location).toBe('/sign-in?email=nora%40example.test')
    expect((await visitor.signIn(email)).location).toBe('/welcome')
    expect((await visitor.get('/')).html).toContain('New &amp; Sons')
    expect(await world.visitor().get(path)).toMatchObject({ status: 404 })
  })

  test('a confirmation comes too late after a day, and another one is sent by signing in', async () => {
    const email = 'late@example.test'
    const visitor = world.visitor()
    await visitor.post('/sign-up', { ...NEW, email })
    const path = await world.mailedPath(email, 'verify-email')
    world.clock.advance(DAY_MS + 1_000)
    expect((await visitor.get(path)).html).toContain(USED)
    await visitor.signIn(email)
    const next = await world.mailedPath(email, 'verify-email')
    expect(next).not.toBe(path)
    expect((await visitor.post('/verify-email', { token: tokenOf(next) }, next)).status).toBe(303)
  })

  test('with an address that is known makes nothing, says the same, and tells its owner', async () => {
    const { email } = await world.person()
    const before = await world.rows('SELECT count(*) FROM account')
    const known = await world.visitor().post('/sign-up', { ...NEW, email })
    const unknown = await world.visitor().post('/sign-up', { ...NEW, email: 'unknown@example.test' })
    expect(known.html.replaceAll(email, '')).toBe(unknown.html.replaceAll('unknown@example.test', ''))
    expect(await world.rows('SELECT template FROM mail WHERE recipient = $1', email)).toEqual([
      { template: 'sign-up-again' },
    ])
    expect(Number((await world.rows('SELECT count(*) FROM account'))[0]?.count)).toBe(Number(before[0]?.count) + 1)
    expect((await world.visitor().signIn(email)).status).toBe(303)
  })

  test('is all or nothing', async () => {
    const counts = () =>
      world.rows(
        `SELECT (SELECT count(*) FROM "user") AS people, (SELECT count(*) FROM account) AS accounts,
                (SELECT count(*) FROM wallet) AS wallets, (SELECT count(*) FROM sign_in_method) AS passwords`,
      )
    const before = await counts()
    // The last thing that it writes is the mail.
    await world.pool.query(`ALTER TABLE mail ADD CONSTRAINT no_mail CHECK (recipient <> 'unlucky@example.test')`)
    await expect(signUp(world.signIn, WHOEVER, { ...NEW, email: 'unlucky@example.test' })).rejects.toThrow('no_mail')
    await world.pool.query('ALTER TABLE mail DROP CONSTRAINT no_mail')
    expect(await counts()).toEqual(before)
  })

  test('says at each field what is wrong with it, and keeps what was entered', async () => {
    const answer = await world
      .visitor()
      .post('/sign-up', { name: '', company: 'Kept', email: 'none', password: 'short' })
    expect(answer.status).toBe(422)
    for (const field of ['name', 'email', 'password']) {
      expect(answer.html).toContain(
        `aria-describedby="${field === 'password' ? 'password-hint ' : ''}${field}-problem"`,
      )
      expect(answer.html).toContain(`<a href="#${field}">`)
    }
    expect(answer.html).toContain('value="Kept"')
    expect(answer.html).not.toContain('value="short"')
  })
})

describe('a new password by mail', () => {
  test('is set once, and signs out everywhere', async () => {
    const { email, userId } = await world.person({ staffRole: 'SUPPORT' })
    const elsewhere = world.visitor()
    await elsewhere.signIn(email)
    const visitor = world.visitor()
    expect((await visitor.post('/forgot-password', { email })).html).toContain('a link is on its way')
    const path = await world.mailedPath(email, 'reset-password')
    const weak = await visitor.post('/reset-password', { token: tokenOf(path), password: 'short' }, path)
    expect(weak.status).toBe(422)
    const done = await visitor.post('/reset-password', { token: tokenOf(path), password: 'a brand new password' }, path)
    expect(done.location).toContain('/sign-in?email=')
    expect((await elsewhere.get('/welcome')).location).toBe('/sign-in?next=%2Fwelcome')
    expect((await world.visitor().signIn(email)).status).toBe(422)
    expect((await world.visitor().signIn(email, 'a brand new password')).status).toBe(303)

    const token = await visitor.token('/sign-in')
    const again = { _csrf: token, token: tokenOf(path), password: 'yet another password' }
    expect((await visitor.postRaw('/reset-password', again)).html).toContain(USED)
    expect((await world.visitor().signIn(email, 'a brand new password')).status).toBe(303)
    expect(await world.rows('SELECT token_hash FROM one_time_link WHERE user_id = $1', userId)).toHaveLength(1)
    expect(world.log.join('')).not.toContain(tokenOf(path))
  })

  test('comes too late after an hour, and only the newest link counts', async () => {
    const { email } = await world.person()
    const visitor = world.visitor()
    await visitor.post('/forgot-password', { email })
    const first = await world.mailedPath(email, 'reset-password')
    world.clock.advance(1_000)
    await visitor.post('/forgot-password', { email })
    const second = await world.mailedPath(email, 'reset-password')
    expect((await visitor.get(first)).html).toContain(USED)
    expect((await visitor.get(second)).html).toContain('Set the password')
    world.clock.advance(HOUR_MS + 1_000)
    expect((await visitor.get(second)).status).toBe(404)
  })

  test('says the same where there is nobody, and mails nothing', async () => {
    const answer = await world.visitor().post('/forgot-password', { email: 'no-such@example.test' })
    expect(answer.html).toContain('a link is on its way')
    expect(await world.rows('SELECT id FROM mail WHERE recipient = $1', 'no-such@example.test')).toEqual([])
  })
})

describe('an invitation', () => {
  const invite = (email: string, to: Parameters<typeof inviteMember>[1]['to']) =>
    inviteMember(world.signIn, { email, to, invitedById: null })

  test('lets somebody new join once, with the role that was offered', async () => {
    const accountId = await world.account('Inviting')
    const email = 'invited@example.test'
    await invite('Invited@Example.test', { accountId, role: 'BILLING' })
    const path = await world.mailedPath(email, 'invitation')
    const visitor = world.visitor()
    expect((await visitor.get(path)).html).toContain('as billing')
    const joined = await visitor.post(path, { name: 'Ines Invited', password: PASSWORD })
    expect(joined).toMatchObject({ status: 303, location: '/welcome' })
    expect((await visitor.get('/')).html).toContain('Inviting')
    expect(
      await world.rows(
        `SELECT role, account_id, staff_role, email_verified FROM membership JOIN "user" ON "user".id = user_id WHERE email = $1`,
        email,
      ),
    ).toEqual([{ role: 'BILLING', account_id: accountId, staff_role: null, email_verified: true }])
    const again = world.visitor()
    expect((await again.get(path)).html).toContain(USED)
    const token = await again.token('/sign-in')
    expect((await again.postRaw(path, { _csrf: token, name: 'X', password: PASSWORD })).status).toBe(404)
    expect(await world.rows('SELECT token_hash FROM invitation WHERE email = $1', email)).toHaveLength(1)
  })

  test('by two at once makes one person', async () => {
    const accountId = await world.account('Racing')
    await invite('racer@example.test', { accountId, role: 'VIEWER' })
    const path = await world.mailedPath('racer@example.test', 'invitation')
    const visitor = world.visitor()
    const _csrf = await visitor.token(path)
    const both = await Promise.all(
      [1, 2].map((number) => visitor.postRaw(path, { _csrf, name: `Racer ${number}`, password: PASSWORD })),
    )
    expect(both.map(({ status }) => status).filter((status) => status === 303)).toHaveLength(1)
    expect(await world.rows(`SELECT id FROM "user" WHERE email = 'racer@example.test'`)).toHaveLength(1)
  })

  test('is for the invited alone: neither for somebody else nor for whoever only has the link', async () => {
    const accountId = await world.account('Private')
    const invited = await world.person()
    const other = await world.person()
    await invite(invited.email, { accountId, role: 'OWNER' })
    const path = await world.mailedPath(invited.email, 'invitation')

    const stranger = world.visitor()
    expect((await stranger.get(path)).html).toContain('There is a sign-in for this address')
    const strangers = await stranger.token('/sign-in')
    const tried = await stranger.postRaw(path, { _csrf: strangers, name: 'Stranger', password: 'strangers password' })
    expect(tried.status).toBe(409)

    const wrong = world.visitor()
    await wrong.signIn(other.email)
    expect((await wrong.get(path)).html).toContain(`You are signed in as ${other.email}`)
    expect((await wrong.post(path, {}, '/security')).status).toBe(403)
    expect(await world.rows('SELECT id FROM membership WHERE account_id = $1', accountId)).toEqual([])

    const right = world.visitor()
    await right.signIn(invited.email)
    expect((await right.post(path, {})).location).toBe('/welcome')
    expect(await world.rows('SELECT user_id FROM membership WHERE account_id = $1', accountId)).toEqual([
      { user_id: invited.userId },
    ])
  })

  test('to the staff gives the role and ends the sessions that were without it', async () => {
    const { email, userId } = await world.person()
    await invite(email, { staffRole: 'FINANCE' })
    const visitor = world.visitor()
    await visitor.signIn(email)
    await visitor.post(await world.mailedPath(email, 'invitation'), {})
    expect(await world.rows('SELECT staff_role FROM "user" WHERE id = $1', userId)).toEqual([{ staff_role: 'FINANCE' }])
    expect((await visitor.get('/welcome')).location).toBe('/sign-in?next=%2Fwelcome')
  })

  test('ends after seven days, when it is taken back, and when another one is sent', async () => {
    const accountId = await world.account('Ending')
    const to = { accountId, role: 'VIEWER' as const }
    const open = async (path: string) => (await world.visitor().get(path)).status
    await invite('ending@example.test', to)
    const first = await world.mailedPath('ending@example.test', 'invitation')
    expect(await open(first)).toBe(200)
    world.clock.advance(1_000)
    const id = await invite('ending@example.test', to)
    const second = await world.mailedPath('ending@example.test', 'invitation')
    expect([await open(first), await open(second)]).toEqual([404, 200])
    expect(await revokeInvitation(world.pool, world.signIn, id)).toBe(true)
    expect(await open(second)).toBe(404)
    await invite('ending@example.test', to)
    const third = await world.mailedPath('ending@example.test', 'invitation')
    world.clock.advance(7 * DAY_MS - 60_000)
    expect(await open(third)).toBe(200)
    world.clock.advance(2 * 60_000)
    expect(await open(third)).toBe(404)
  })
})
