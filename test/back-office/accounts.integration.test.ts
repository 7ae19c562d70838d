import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { OperatorActor, ResellerActor } from '../../src/accounts/actor.ts'
import { accountOverview } from '../../src/back-office/account-overview.ts'
import { changePlan, renameAccount, setAccountAccess, setDevelopment } from '../../src/back-office/change-account.ts'
import { openCustomerFor, openResellerFor } from '../../src/back-office/open-account.ts'
import { resellerCustomers } from '../../src/back-office/reseller-customers.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { rollUpUsage } from '../../src/reports/usage-rollup.ts'
import { type Farebox, PATIENCE, startFarebox } from '../support/farebox.ts'
import { type OfficeWorld, openOfficeWorld, refusal, UNIT } from './office-world.ts'

let world: OfficeWorld
let admin: OperatorActor
let owner: ResellerActor

beforeAll(async () => {
  world = await openOfficeWorld()
  admin = await world.operator('ADMIN')
  owner = await world.member(await world.reseller(), 'OWNER')
})
afterAll(() => world.close())

const idempotencyKey = null
const lastAct = async () => (await world.audit()).at(-1)

describe('opening accounts', () => {
  test('a customer with wallet and project, once for one key', async () => {
    const input = { name: 'Blue & Sons', resellerId: owner.resellerId, idempotencyKey: 'one' }
    const ids = await Promise.all([1, 2, 3].map(() => openCustomerFor(world.deps, owner, input)))
    expect(new Set(ids).size).toBe(1)
    const { account, wallet } = await accountOverview(world.pool, world.clock, owner, ids[0] as string)
    expect(account).toMatchObject({ kind: 'CUSTOMER', name: 'Blue & Sons', resellerId: owner.resellerId })
    expect(account.slug).toMatch(/^blue-sons-[0-9a-f]{8}$/)
    expect(wallet).toMatchObject({ currency: 'USD', balanceNano: 0n, availableNano: 0n })
    expect((await world.audit()).filter(({ account_id }) => account_id === ids[0])).toMatchObject([
      { action: 'account.open', subject_id: ids[0], before: null, after: { name: 'Blue & Sons' } },
    ])
  })

  test('the operator opens for any reseller or none; a reseller opens for itself alone', async () => {
    await openCustomerFor(world.deps, admin, { name: 'Direct', resellerId: null, idempotencyKey })
    await openCustomerFor(world.deps, admin, { name: 'Theirs', resellerId: owner.resellerId, idempotencyKey })
    const other = await openResellerFor(world.deps, admin, { name: 'Other reseller', idempotencyKey })
    for (const resellerId of [null, other, await world.customer({ resellerId: owner.resellerId })]) {
      const opening = openCustomerFor(world.deps, owner, { name: 'Mine', resellerId, idempotencyKey })
      expect(await refusal(opening)).toBe('account_not_found')
    }
    expect(await refusal(openResellerFor(world.deps, owner, { name: 'Mine', idempotencyKey }))).toBe('not_allowed')
    const finance = await world.operator('FINANCE')
    const opening = openCustomerFor(world.deps, finance, { name: 'X', resellerId: null, idempotencyKey })
    expect(await refusal(opening)).toBe('not_allowed')
  })

  test('a name is one line, and development accounts are of the sandbox', async () => {
    const open = (more: object, deps = world.deps) =>
      refusal(openCustomerFor(deps, admin, { name: 'X', resellerId: null, idempotencyKey, ...more }))
    expect(await open({ name: ' ' })).toBe('invalid_request')
    expect(await open({ name: 'two\nlines' })).toBe('invalid_request')
    expect(await open({ development: true }, { ...world.deps, isSandbox: false })).toBe('only_in_sandbox')
    expect(await open({ development: true })).toBe('no refusal')
  })
})

describe('changing accounts', () => {
  test('each change has before and after, and what changes nothing is not written down', async () => {
    const accountId = await world.customer()
    const planId = uuidV7(world.clock)
    await world.pool.query('INSERT INTO plan (id, slug, name) VALUES ($1, $2, $2)', [planId, `plan-${planId}`])
    await renameAccount(world.deps, admin, { accountId, name: 'New name' })
    expect(await lastAct()).toMatchObject({ action: 'account.rename', after: { name: 'New name' } })
    await changePlan(world.deps, admin, { accountId, planId, reason: 'They asked' })
    expect(await lastAct()).toMatchObject({ reason: 'They asked', before: { planId: null }, after: { planId } })
    await setDevelopment(world.deps, admin, { accountId, development: true })
    const written = (await world.audit()).length
    await renameAccount(world.deps, admin, { accountId, name: 'New name' })
    await changePlan(world.deps, admin, { accountId, planId })
    await setAccountAccess(world.deps, admin, { accountId, disabled: false })
    expect((await world.audit()).length).toBe(written)
    const unknown = changePlan(world.deps, admin, { accountId, planId: accountId })
    expect(await refusal(unknown)).toBe('plan_not_found')
    expect((await accountOverview(world.pool, world.clock, admin, accountId)).account).toMatchObject({
      ...{ name: 'New name', planId, development: true, disabledAt: null },
    })
  })

  test('of its own account, a reseller changes the name only', async () => {
    const accountId = owner.resellerId
    expect(await renameAccount(world.deps, owner, { accountId, name: 'We' })).toMatchObject({ name: 'We' })
    expect(await refusal(changePlan(world.deps, owner, { accountId, planId: null }))).toBe('own_account')
    expect(await refusal(setDevelopment(world.deps, owner, { accountId, development: true }))).toBe('own_account')
    expect(await refusal(setAccountAccess(world.deps, owner, { accountId, disabled: true }))).toBe('own_account')
    expect(await lastAct()).toMatchObject({ outcome: 'REFUSED', action: 'account.disable' })
  })

  test('what the operator has disabled, a reseller does not enable', async () => {
    const accountId = await world.customer({ resellerId: owner.resellerId })
    const set = (actor: OperatorActor | ResellerActor, disabled: boolean) =>
      refusal(setAccountAccess(world.deps, actor, { accountId, disabled }))
    expect(await set(owner, true)).toBe('no refusal')
    expect(await set(owner, false)).toBe('no refusal')
    expect(await set(admin, true)).toBe('no refusal')
    expect(await set(owner, true)).toBe('no refusal')
    expect(await set(owner, false)).toBe('disabled_by_operator')
    expect(await set(admin, false)).toBe('no refusal')
  })
})

test("a reseller's overview tells what each customer used and brought", async () => {
  const { resellerId } = owner
  const accountId = await world.customer({ resellerId, creditNano: 10n * UNIT })
  await world.credit(resellerId, 50n * UNIT)
  const { requestOf, captureOf } = await import('../ledger/ledger-fixture.ts')
  const request = requestOf(world.clock, accountId, { price: 3n * UNIT, wholesale: 2n * UNIT }, { resellerId })
  await world.ledger.authorize(request)
  await world.ledger.resolve(captureOf(request, 3n * UNIT, 2n * UNIT))
  await rollUpUsage({ pool: world.pool, clock: world.clock })
  const overview = await resellerCustomers(world.pool, world.clock, owner, resellerId)
  expect(overview.wholesale).toMatchObject({ balanceNano: 48n * UNIT })
  expect(overview.customers[0]).toMatchObject({
    ...{ id: accountId, balanceNano: 7n * UNIT, requests: 1n, priceNano: 3n * UNIT, marginNano: UNIT },
  })
})

describe('a disabled account at the gateway', () => {
  let farebox: Farebox
  beforeAll(async () => {
    farebox = await startFarebox()
  })
  afterAll(() => farebox.close())

  test.each(['the account itself', 'its reseller'])(
    '%s: its key is refused at once, and served again',
    async (which) => {
      const customer = await farebox.customer({ resellerId: farebox.resellerId })
      await farebox.credit(farebox.resellerId, UNIT)
      const { pool, clock } = farebox
      const deps = { pool, clock, currency: 'USD', isSandbox: true }
      const accountId = which === 'its reseller' ? farebox.resellerId : customer.accountId
      const call = async () => {
        const headers = { authorization: `Bearer ${customer.secret}` }
        return (await fetch(`${farebox.url}/v1/models`, { headers })).status
      }
      expect(await call()).toBe(200)
      await setAccountAccess(deps, admin, { accountId, disabled: true })
      await vi.waitFor(async () => expect(await call()).toBe(403), PATIENCE)
      await setAccountAccess(deps, admin, { accountId, disabled: false })
      await vi.waitFor(async () => expect(await call()).toBe(200), PATIENCE)
    },
  )
})
