import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { disableUser } from '../../src/sign-in/sessions.ts'
import { HOUR_MS, MINUTE_MS, PASSWORD, type SignInWorld, startSignInWorld, type Visitor } from './sign-in-world.ts'

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
})
afterAll(() => world.close())

const WRONG = 'The e-mail address or the password is wrong.'

async function customer() {
  const accountId = await world.account(`Account-${crypto.randomUUID()}`)
  return { accountId, ...(await world.person({ membership: { accountId, role: 'OWNER' } })) }
}

describe('signing in', () => {
  test('with the password leads in, and the page knows who it is', async () => {
    const { email } = await customer()
    const visitor = world.visitor()
    const answer = await visitor.signIn(email.toUpperCase())
    expect(answer).toMatchObject({ status: 303, location: '/welcome' })
    expect(await visitor.get('/welcome')).toMatchObject({ status: 303, location: '/' })
    const home = await visitor.get('/')
    expect(home.status).toBe(200)
    expect(home.html).toContain('Petra Person')
    expect(home.html).toMatch(/Account-[0-9a-f-]{36}/)
  })

  test('leads staff and members of a reseller to the back office', async () => {
    const accountId = await world.account('Reseller-1', 'RESELLER')
    for (const of of [{ staffRole: 'SUPPORT' as const }, { membership: { accountId, role: 'VIEWER' as const } }]) {
      const visitor = world.visitor()
      await visitor.signIn((await world.person(of)).email)
      expect(await visitor.get('/welcome')).toMatchObject({ status: 303, location: '/admin' })
    }
  })

  test('with a wrong password is refused in the words for an unknown address', async () => {
    const { email } = await customer()
    const known = await world.visitor().signIn(email, 'not the password')
    const unknown = await world.visitor().signIn('nobody@example.test', 'not the password')
    for (const answer of [known, unknown]) {
      expect(answer.status).toBe(422)
      expect(answer.html).toContain(WRONG)
    }
    expect(known.html.replaceAll(email, '').replace(/value="[^"]{43}"/g, '')).toBe(
      unknown.html.replaceAll('nobody@example.test', '').replace(/value="[^"]{43}"/g, ''),
    )
    expect(
      await world.rows('SELECT * FROM session JOIN "user" ON "user".id = user_id WHERE email = $1', email),
    ).toEqual([])
  })

  test('gives a session of its own each time, and ends the one that was there in that browser', async () => {
    const { email, userId } = await customer()
    const visitor = world.visitor()
    await visitor.signIn(email)
    const [first] = await world.rows<{ token: string }>('SELECT token FROM session WHERE user_id = $1', userId)
    const other = await customer()
    const token = await visitor.token('/')
    await visitor.postRaw('/sign-in', { _csrf: token, email: other.email, password: PASSWORD })
    expect(await world.rows('SELECT token FROM session WHERE user_id = $1', userId)).toEqual([])
    const [second] = await world.rows<{ token: string }>('SELECT token FROM session WHERE user_id = $1', other.userId)
    expect(second?.token).not.toBe(first?.token)
  })

  test('sets cookies that no script sees, no other site sends, and that tell no version', async () => {
    const { email } = await customer()
    const visitor = world.visitor()
    await visitor.signIn(email)
    expect(visitor.setCookies.length).toBeGreaterThan(1)
    for (const cookie of visitor.setCookies) {
      expect(cookie).toMatch(/^farebox\.[a-z_]+=/)
      expect(cookie).toMatch(/; HttpOnly/i)
      expect(cookie).toMatch(/; SameSite=Lax/i)
      expect(cookie).toMatch(/; Path=\//i)
    }
  })

  test('writes neither password nor token to the log', async () => {
    const { email, userId } = await customer()
    await world.visitor().signIn(email)
    await world.visitor().signIn(email, 'another-wrong-password')
    const [session] = await world.rows<{ token: string }>('SELECT token FROM session WHERE user_id = $1', userId)
    const log = world.log.join('')
    for (const secret of [PASSWORD, 'another-wrong-password', session?.token ?? '']) expect(log).not.toContain(secret)
  })
})

describe('too many wrong passwords', () => {
  test('lock the address, whether it is anybody’s or not, until the clock says that it is over', async () => {
    const { email } = await customer()
    const visitor = world.visitor()
    const token = await visitor.token('/sign-in')
    const attempt = (address: string, password: string) =>
      visitor.postRaw('/sign-in', { _csrf: token, email: address, password })
    // At once, as somebody does who hopes that none counts before the others.
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(email, 'not the password')))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(422), 429, 429])

    const locked = await attempt(email, PASSWORD)
    expect(locked.status).toBe(429)
    expect(locked.html).toContain('Too many attempts. Try again in 15 minutes')
    expect(visitor.cookies.has('farebox.session_token')).toBe(false)

    world.clock.advance(15 * MINUTE_MS + 1_000)
    expect((await attempt(email, PASSWORD)).status).toBe(303)

    const stranger = world.visitor()
    const strangers = await stranger.token('/sign-in')
    const fields = { _csrf: strangers, email: 'nobody-else@example.test', password: 'not the password' }
    const refused = await Promise.all(Array.from({ length: 11 }, () => stranger.postRaw('/sign-in', fields)))
    expect(refused.map(({ status }) => status).sort()).toEqual([...Array(10).fill(422), 429])
  }, 60_000)

  test('are forgotten by a right one', async () => {
    const { email } = await customer()
    for (let round = 0; round < 2; round++) {
      for (let count = 0; count < 6; count++) await world.visitor().signIn(email, 'not the password')
      expect((await world.visitor().signIn(email)).status).toBe(303)
    }
  }, 60_000)
})

describe('a session ends', () => {
  async function signedIn() {
    const { email, userId } = await customer()
    const visitor = world.visitor()
    await visitor.signIn(email)
    expect((await visitor.get('/')).status).toBe(200)
    return { visitor, email, userId }
  }
  const isOut = async (visitor: Visitor) =>
    expect(await visitor.get('/')).toMatchObject({ status: 303, location: '/sign-in?next=%2F' })

  test('by signing out, also for whoever kept the cookie', async () => {
    const { visitor } = await signedIn()
    const kept = new Map(visitor.cookies)
    expect(await visitor.post('/sign-out', {}, '/')).toMatchObject({ status: 303, location: '/sign-in' })
    await isOut(visitor)
    const thief = world.visitor()
    for (const [name, value] of kept) thief.cookies.set(name, value)
    await isOut(thief)
  })

  test('by a link only once they have said so on its page', async () => {
    const { visitor } = await signedIn()
    const page = await visitor.get('/sign-out')
    expect(page.status).toBe(200)
    expect((await visitor.get('/')).status).toBe(200)
    expect(await visitor.post('/sign-out', {})).toMatchObject({ status: 303, location: '/sign-in' })
    await isOut(visitor)
    expect(await world.visitor().get('/sign-out')).toMatchObject({ status: 303, location: '/sign-in' })
  })

  test('and signing out where nobody is signed in leads to the same page', async () => {
    const visitor = world.visitor()
    expect(await visitor.post('/sign-out', {}, '/sign-in')).toMatchObject({ status: 303, location: '/sign-in' })
  })

  test('at once for somebody who is disabled, who cannot come back either', async () => {
    const { visitor, email, userId } = await signedIn()
    await disableUser(world.signIn, userId)
    await isOut(visitor)
    const answer = await world.visitor().signIn(email)
    expect(answer.status).toBe(422)
    expect(answer.html).toContain(WRONG)
    expect(await world.rows('SELECT id FROM session WHERE user_id = $1', userId)).toEqual([])
  })

  test('when the staff role of its person changes', async () => {
    const { visitor, userId } = await signedIn()
    await world.pool.query(`UPDATE "user" SET staff_role = 'SUPPORT' WHERE id = $1`, [userId])
    await isOut(visitor)
  })

  test('everywhere else when the password changes, which takes the old one', async () => {
    const { visitor, email } = await signedIn()
    const elsewhere = world.visitor()
    await elsewhere.signIn(email)
    const refused = await visitor.post(
      '/security/password',
      { current: 'not it at all', next: 'another long password' },
      '/security',
    )
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('This is not your password.')
    expect((await elsewhere.get('/')).status).toBe(200)

    const changed = await visitor.post(
      '/security/password',
      { current: PASSWORD, next: 'another long password' },
      '/security',
    )
    expect(changed).toMatchObject({ status: 303, location: '/security' })
    expect((await visitor.get('/security')).html).toContain('Your password is changed.')
    await isOut(elsewhere)
    expect((await world.visitor().signIn(email)).status).toBe(422)
    expect((await world.visitor().signIn(email, 'another long password')).status).toBe(303)
    expect(await world.rows(`SELECT data->>'what' AS what FROM mail WHERE recipient = $1`, email)).toEqual([
      { what: 'Your password was changed.' },
    ])
  })

  test('where its owner ends it, and never where somebody else tries to', async () => {
    const { visitor, email, userId } = await signedIn()
    const elsewhere = world.visitor()
    await elsewhere.signIn(email)
    const [session] = await world.rows<{ id: string }>(
      'SELECT id FROM session WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1',
      userId,
    )
    const stranger = await signedIn()
    const tried = await stranger.visitor.post(`/security/sessions/${session?.id}/end`, {}, '/security')
    expect(tried.status).toBe(404)
    expect((await elsewhere.get('/')).status).toBe(200)
    expect((await visitor.post(`/security/sessions/${session?.id}/end`, {}, '/security')).status).toBe(303)
    await isOut(elsewhere)
    expect((await visitor.get('/')).status).toBe(200)
  })

  test('after twelve hours without a visit, and after seven days in any case', async () => {
    const { visitor } = await signedIn()
    const idle = await signedIn()
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      world.clock.advance(8 * HOUR_MS)
      expect((await visitor.get('/')).status).toBe(200)
      if (hours === 8) await isOut(idle.visitor)
    }
    world.clock.advance(9 * HOUR_MS)
    await isOut(visitor)
    await world.visitor().signIn(idle.email)
    expect(await world.rows('SELECT id FROM session WHERE user_id = $1', idle.userId)).toHaveLength(1)
  })
})
