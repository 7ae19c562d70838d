import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../sign-in/sign-in-world.ts'

let world: SignInWorld
let secure: SignInWorld
beforeAll(async () => {
  ;[world, secure] = await Promise.all([
    startSignInWorld(),
    startSignInWorld({ PUBLIC_URL: 'https://gateway.example.test' }),
  ])
})
afterAll(() => Promise.all([world.close(), secure.close()]))

async function signedIn() {
  const name = `Account-${crypto.randomUUID()}`
  const accountId = await world.account(name)
  const { email, userId } = await world.person({ membership: { accountId, role: 'OWNER' } })
  const visitor = world.visitor()
  await visitor.signIn(email)
  return { visitor, accountId, email, userId, name }
}

describe('a change is refused that is not the person’s own', () => {
  const OUT_OF_DATE = 'This form is out of date'

  test('without a token, with a made-up one, and with somebody else’s', async () => {
    const { visitor } = await signedIn()
    const other = await signedIn()
    const theirs = await other.visitor.token('/security')
    const anonymous = await world.visitor().token('/sign-in')
    for (const fields of [{}, { _csrf: 'made-up' }, { _csrf: theirs }, { _csrf: anonymous }]) {
      const answer = await visitor.postRaw('/sign-out', fields)
      expect(answer.status).toBe(403)
      expect(answer.html).toContain(OUT_OF_DATE)
    }
    expect((await visitor.get('/')).status).toBe(200)
  })

  test('from another site, even with the right token', async () => {
    const { visitor } = await signedIn()
    const _csrf = await visitor.token('/security')
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: world.url, 'sec-fetch-site': 'cross-site' },
      { origin: 'not an origin' },
    ]) {
      expect((await visitor.postRaw('/sign-out', { _csrf }, headers as Record<string, string>)).status).toBe(403)
    }
    expect((await visitor.get('/')).status).toBe(200)
    const own = { origin: world.url, 'sec-fetch-site': 'same-origin' }
    expect((await visitor.postRaw('/sign-out', { _csrf }, own)).status).toBe(303)
  })

  test('also before there is a session: nobody is signed in as somebody else unawares', async () => {
    const { email } = await signedIn()
    const visitor = world.visitor()
    expect((await visitor.postRaw('/sign-in', { email, password: PASSWORD })).status).toBe(403)
    const _csrf = await world.visitor().token('/sign-in')
    expect((await visitor.postRaw('/sign-in', { _csrf, email, password: PASSWORD })).status).toBe(403)
  })

  test('a token in the header will do, as scripts send it', async () => {
    const { visitor } = await signedIn()
    const token = await visitor.token('/security')
    expect((await visitor.postRaw('/sign-out', {}, { 'x-csrf-token': token })).status).toBe(303)
  })
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  ' /security',
])('signing in never leads to another site: %j', async (next) => {
  const { visitor, email } = await signedIn()
  expect((await visitor.get(`/sign-in?next=${encodeURIComponent(next)}`)).location).toBe('/welcome')
  const other = world.visitor()
  expect((await other.post('/sign-in', { email, password: PASSWORD, next })).location).toBe('/welcome')
})

test('signing in leads back to where somebody wanted to go', async () => {
  const { email } = await signedIn()
  const visitor = world.visitor()
  const led = await visitor.get('/security?from=mail')
  expect(led.location).toBe('/sign-in?next=%2Fsecurity%3Ffrom%3Dmail')
  const answer = await visitor.post('/sign-in', { email, password: PASSWORD, next: '/security?from=mail' })
  expect(answer.location).toBe('/security?from=mail')
})

describe('the chosen account', () => {
  test('is one’s own, whatever the cookie names', async () => {
    const mine = await signedIn()
    const theirs = await signedIn()
    mine.visitor.cookies.set('farebox.account', theirs.accountId)
    const home = await mine.visitor.get('/')
    expect(home.html).toContain(mine.name)
    expect(home.html).not.toContain(theirs.name)
    const chosen = await mine.visitor.post('/account', { accountId: theirs.accountId }, '/security')
    expect(chosen.status).toBe(404)
    expect(chosen.html).toContain('There is nothing here')
  })

  test('can be changed by whoever has several, and is lost with the membership', async () => {
    const { visitor, userId, name } = await signedIn()
    const second = await world.account(`Second-${userId}`)
    await world.pool.query(
      `INSERT INTO membership (id, user_id, account_id, role, created_at) VALUES (gen_random_uuid(), $1, $2, 'VIEWER', now())`,
      [userId, second],
    )
    expect((await visitor.get('/')).html).toContain(`<h1>${name}</h1>`)
    await visitor.post('/account', { accountId: second }, '/')
    expect((await visitor.get('/')).html).toContain(`<h1>Second-${userId}</h1>`)
    await world.pool.query('DELETE FROM membership WHERE account_id = $1', [second])
    expect((await visitor.get('/')).html).toContain(`<h1>${name}</h1>`)
  })
})

describe('security headers', () => {
  test('keep a page to itself', async () => {
    const { headers } = await world.visitor().get('/sign-in')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test('and cookies hold browsers to https where that is the address', async () => {
    const { email } = await secure.person({ staffRole: 'ADMIN' })
    const visitor = secure.visitor()
    const { headers } = await visitor.get('/sign-in')
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000')
    await visitor.signIn(email)
    expect(visitor.cookies.has('__Secure-farebox.session_token')).toBe(true)
    for (const cookie of visitor.setCookies) expect(cookie).toMatch(/^__Secure-farebox\..*; Secure/)
  })

  test('are on refusals as well', async () => {
    const missing = await world.visitor().get('/no-such-page')
    expect(missing.status).toBe(404)
    expect(missing.html).toContain('There is nothing here')
    expect(missing.headers.get('content-security-policy')).toContain("default-src 'none'")
  })
})

describe('what is no page', () => {
  test('is untouched: programs get their answers, without cookies or tokens', async () => {
    const unknown = await fetch(`${world.url}/v1/nothing`, { method: 'POST' })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ errorCode: 'not_found' })
    const lost = await fetch(`${world.url}/nothing`, { headers: { accept: 'application/json' } })
    expect(await lost.json()).toMatchObject({ errorCode: 'not_found' })
    const hot = await fetch(`${world.url}/v1/models`)
    expect(hot.headers.get('content-security-policy')).toBeNull()
    expect(hot.headers.getSetCookie()).toEqual([])
  })

  test('assets come from us, for good', async () => {
    const { html } = await world.visitor().get('/sign-in')
    const path = /href="(\/assets\/portal\.[0-9a-f]{16}\.css)"/.exec(html)?.[1]
    const response = await fetch(world.url + path)
    expect(response.headers.get('content-type')).toContain('text/css')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect((await fetch(`${world.url}/assets/portal.0000000000000000.css`)).status).toBe(404)
  })
})
