import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld, totp, type Visitor } from './sign-in-world.ts'

let world: SignInWorld
/** Its staff have to have a second factor. */
let strict: SignInWorld
beforeAll(async () => {
  ;[world, strict] = await Promise.all([startSignInWorld(), startSignInWorld({ STAFF_SECOND_FACTOR: 'required' })])
})
afterAll(() => Promise.all([world.close(), strict.close()]))

/** Sets it up as a person would; the code it was confirmed with is used up. */
async function setUp(visitor: Visitor): Promise<{ secret: string; backupCodes: string[]; token: string }> {
  const { html } = await visitor.post('/security/second-factor', { password: PASSWORD })
  const secret = /<code id="secret">([^<]+)</.exec(html)?.[1] ?? ''
  const backupCodes = [...html.matchAll(/<li>([a-z0-9]{5}-[a-z0-9]{5})<\/li>/g)].map((match) => match[1] as string)
  const token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return { secret, backupCodes, token }
}

async function withSecondFactor() {
  const accountId = await world.account(`Account-${crypto.randomUUID()}`)
  const { email, userId } = await world.person({ membership: { accountId, role: 'OWNER' } })
  const visitor = world.visitor()
  await visitor.signIn(email)
  const { secret, backupCodes, token } = await setUp(visitor)
  const before = visitor.cookies.get('farebox.session_token')
  const confirmed = await visitor.postRaw('/security/second-factor/confirm', { _csrf: token, code: totp(secret, -1) })
  expect(confirmed).toMatchObject({ status: 303, location: '/security' })
  expect(visitor.cookies.get('farebox.session_token')).not.toBe(before)
  return { email, userId, secret, backupCodes, visitor }
}

describe('with a second factor', () => {
  test('the password alone opens nothing, and a code opens once', async () => {
    const { email, secret } = await withSecondFactor()
    const visitor = world.visitor()
    const led = await visitor.signIn(email)
    expect(led).toMatchObject({ status: 303, location: '/sign-in/code?next=%2Fwelcome' })
    expect(visitor.cookies.has('farebox.session_token')).toBe(false)
    expect(await visitor.get('/')).toMatchObject({ status: 303, location: '/sign-in?next=%2F' })

    const wrong = await visitor.post('/sign-in/code', { code: '000000' })
    expect(wrong.status).toBe(422)
    expect(wrong.html).toContain('This code is not right.')
    const code = totp(secret)
    expect(await visitor.post('/sign-in/code', { code, next: '/security' })).toMatchObject({
      status: 303,
      location: '/security',
    })
    expect((await visitor.get('/security')).status).toBe(200)

    const observer = world.visitor()
    await observer.signIn(email)
    expect((await observer.post('/sign-in/code', { code })).location).toBe('/sign-in?next=%2Fwelcome')
    expect((await observer.get('/')).location).toBe('/sign-in?next=%2F')
    expect((await observer.get('/sign-in')).html).toContain('the code was used before')
  })

  test('a backup code opens once, however it is typed', async () => {
    const { email, backupCodes } = await withSecondFactor()
    expect(new Set(backupCodes).size).toBe(10)
    const [first = '', second = ''] = backupCodes
    const visitor = world.visitor()
    await visitor.signIn(email)
    const typed = ` ${first.toUpperCase().replace('-', ' ')} `
    expect((await visitor.post('/sign-in/code', { backupCode: typed })).location).toBe('/welcome')
    expect((await visitor.get('/')).status).toBe(200)

    const again = world.visitor()
    await again.signIn(email)
    const refused = await again.post('/sign-in/code', { backupCode: first })
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('was used before')
    expect((await again.post('/sign-in/code', { backupCode: second })).location).toBe('/welcome')
  })

  test('five wrong codes take the password again', async () => {
    const { email, secret } = await withSecondFactor()
    const visitor = world.visitor()
    await visitor.signIn(email)
    for (let count = 0; count < 5; count++) {
      expect((await visitor.post('/sign-in/code', { code: '000000' })).status).toBe(422)
    }
    expect((await visitor.post('/sign-in/code', { code: totp(secret) })).location).toBe('/sign-in?next=%2Fwelcome')
    expect((await visitor.get('/')).location).toBe('/sign-in?next=%2F')
  })

  test('neither the key nor a backup code can be read in the database', async () => {
    const { userId, secret, backupCodes } = await withSecondFactor()
    const [row] = await world.rows('SELECT t::text AS row FROM two_factor t WHERE user_id = $1', userId)
    expect(row?.row).not.toContain(secret.replaceAll(' ', ''))
    for (const code of backupCodes) expect(row?.row).not.toContain(code)
  })

  test('it is removed by the password, and told of by mail both times', async () => {
    const { email, visitor } = await withSecondFactor()
    const wrong = await visitor.post('/security/second-factor/remove', { password: 'not it at all' }, '/security')
    expect(wrong.status).toBe(422)
    const removed = await visitor.post('/security/second-factor/remove', { password: PASSWORD }, '/security')
    expect(removed).toMatchObject({ status: 303, location: '/security' })
    expect((await visitor.get('/security')).html).toContain('Not set up')
    expect((await world.visitor().signIn(email)).location).toBe('/welcome')
    const mails = await world.rows(`SELECT template FROM mail WHERE recipient = $1`, email)
    expect(mails).toEqual([{ template: 'security-changed' }, { template: 'security-changed' }])
  })

  test('one that was begun and never confirmed asks for nothing', async () => {
    const { email } = await world.person({ staffRole: 'FINANCE' })
    const visitor = world.visitor()
    await visitor.signIn(email)
    await setUp(visitor)
    expect((await world.visitor().signIn(email)).location).toBe('/welcome')
  })

  test('one that is set up is not replaced by whoever only has the browser', async () => {
    const { visitor, userId } = await withSecondFactor()
    const [before] = await world.rows('SELECT secret FROM two_factor WHERE user_id = $1', userId)
    const token = await visitor.token('/security')
    const answer = await visitor.postRaw('/security/second-factor', { _csrf: token, password: PASSWORD })
    expect(answer).toMatchObject({ status: 303, location: '/security' })
    expect(await world.rows('SELECT secret FROM two_factor WHERE user_id = $1', userId)).toEqual([before])
  })
})

describe('where staff have to have one', () => {
  test('staff are led to set it up before anything else', async () => {
    const { email } = await strict.person({ staffRole: 'ADMIN' })
    const visitor = strict.visitor()
    await visitor.signIn(email)
    for (const path of ['/', '/welcome']) {
      expect(await visitor.get(path)).toMatchObject({ status: 303, location: '/security/second-factor' })
    }
    expect((await visitor.get('/security/second-factor')).html).toContain('Your role asks for it')
    const { secret, token } = await setUp(visitor)
    await visitor.postRaw('/security/second-factor/confirm', { _csrf: token, code: totp(secret) })
    expect(await visitor.get('/welcome')).toMatchObject({ status: 303, location: '/admin' })
  })

  test('nobody else is', async () => {
    const accountId = await strict.account('Account-strict')
    const { email } = await strict.person({ membership: { accountId, role: 'OWNER' } })
    const visitor = strict.visitor()
    await visitor.signIn(email)
    expect((await visitor.get('/')).status).toBe(200)
  })
})
