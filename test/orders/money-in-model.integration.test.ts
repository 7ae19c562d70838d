import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { syncOrder } from '../../src/orders/stripe/sync-order.ts'
import { CLEAN, type Farebox, startFarebox } from '../support/farebox.ts'
import { startedCheckout } from './money-in-calls.ts'
import { MoneyInPlay } from './money-in-play.ts'
import { anyStep, anyStepAtStripe, ODD_PACKAGE, type Step } from './money-in-steps.ts'

/** A failure takes its time to be shrunk. */
const RUNS_MS_MAX = 300_000
const RUNS = 40

let farebox: Farebox

beforeAll(async () => {
  farebox = await startFarebox({ stripe: true })
  const { slug, priceMinor, creditNano, bonusNano } = ODD_PACKAGE
  await farebox.rows(
    `INSERT INTO credit_package (id, slug, name, description, currency, price_minor, credit_nano, bonus_nano, created_at)
     VALUES ($1, $2, 'Odd', 'Never divides evenly', 'USD', $3, $4, $5, now())`,
    ...[uuidV7(farebox.clock), slug, priceMinor, creditNano, bonusNano],
  )
})
afterAll(() => farebox.close())

const step = (kind: Step['kind'], share: number, which = 1): Step => ({ kind, which, share })
const BOUGHT = [step('buy', 500), step('pay', 10)]
const BOUGHT_WITH_A_CARD_THAT_REFUSES_LATER = [step('buy', 500), step('pay', 4)]
const TOPPED_UP = [step('top-up', 500), step('spend', 700), step('spend', 700), step('jobs', 1)]
/** Stories that are always told first, so that what they reach is reached in every run. */
const STORIES: Step[][] = [
  [...BOUGHT, ...TOPPED_UP, step('dispute', 1, 0), step('end dispute', 1), step('end dispute', 1), step('jobs', 1)],
  [...BOUGHT_WITH_A_CARD_THAT_REFUSES_LATER, ...TOPPED_UP, step('advance', 5), step('jobs', 1)],
  [...BOUGHT, step('spend', 900), step('dispute', 1), step('end dispute', 1), ...BOUGHT, step('refund', 100, 0)],
  [step('buy package', 1), step('pay', 10), step('refund there', 1_000), step('jobs', 1)],
  [...BOUGHT, step('refund there', 300), step('dispute', 2), step('end dispute', 1), step('end dispute', 1)],
  [step('buy package', 1), step('pay', 10), step('refund there', 1_000), step('refund fails', 1)],
  [...BOUGHT, step('refund', 300, 0), step('jobs', 1), step('advance', 4), step('advance', 4), step('jobs', 1)],
  [step('buy', 1), step('advance', 1), step('buy', 1), step('pay', 8), step('settle debit', 3)],
]
const REACHED = [
  ...['debt', 'frozen credit', 'returned credit', 'expired credit', 'CHECKOUT AWAITING_PAYMENT', 'CHECKOUT EXPIRED'],
  ...['CHECKOUT FAILED', 'CHECKOUT PAID', 'CHECKOUT PARTIALLY_REFUNDED', 'CHECKOUT REFUNDED', 'CHECKOUT DISPUTED'],
  ...['AUTO_TOP_UP PAID', 'AUTO_TOP_UP FAILED'],
]

test(
  'whatever is bought, refunded, disputed, spent and lost on the way, everybody has what a plain account of it says',
  async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 90, size: 'max' }), async (steps) => {
        const play = await MoneyInPlay.begin(farebox)
        for (const one of steps) {
          await play.step(one)
          await play.expectAgreement()
        }
        await play.end()
        await play.expectAgreement()
        await play.expectStripeAgrees()
        expect(await farebox.verify()).toBe(CLEAN)
        for (const what of play.seen) seen.add(what)
      }),
      { numRuns: RUNS + STORIES.length, examples: STORIES.map((steps) => [steps]) },
    )
    expect([...seen]).toEqual(expect.arrayContaining(REACHED))
  },
  RUNS_MS_MAX,
)

test(
  'the same news in order, reversed, shuffled or three times at once end in the same balances and states',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStepAtStripe, { minLength: 1, maxLength: 24, size: 'max' }), async (steps) => {
        const told = async (how: 'same' | 'reversed' | 'shuffled' | 'duplicated') =>
          (await MoneyInPlay.begin(farebox)).playThenDeliver([step('buy', 500), step('pay', 10), ...steps], how)
        const inOrder = await told('same')
        for (const how of ['reversed', 'shuffled', 'duplicated'] as const) expect(await told(how), how).toEqual(inOrder)
      }),
      { numRuns: 15 },
    )
    expect(await farebox.verify()).toBe(CLEAN)
  },
  RUNS_MS_MAX,
)

test.each(['same', 'reversed'] as const)(
  'a page that closes after a declined card leaves its order expired, its news in the order: %s',
  async (order) => {
    const customer = await farebox.customer({ creditNano: 0n })
    const { control } = farebox.stripe
    control.deliver({ mode: 'normal' })
    const { id, orderId } = await startedCheckout(farebox, customer, { amount: 1_000 })
    control.deliver({ mode: 'hold' })
    expect(control.pay(id, { card: '4000000000000002' })).toMatchObject({ status: 'declined' })
    farebox.clock.advance(5 * 3_600_000)
    control.sweep()
    await control.release(order)
    expect(await farebox.rows('SELECT state FROM payment_order WHERE id = $1', orderId)).toEqual([{ state: 'EXPIRED' }])
  },
)

test('a delayed payment that did not arrive is found by asking, where its news was lost', async () => {
  const customer = await farebox.customer({ creditNano: 0n })
  const { control } = farebox.stripe
  const { id, orderId } = await startedCheckout(farebox, customer, { amount: 1_000 })
  control.drop()
  control.pay(id, { card: 'bank_debit' })
  control.settleDelayed(id, 'failed')
  await syncOrder(farebox.running.desk, orderId)
  expect(await farebox.rows('SELECT state FROM payment_order WHERE id = $1', orderId)).toEqual([{ state: 'FAILED' }])
})
