import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { CLEAN, type Farebox, startFarebox } from '../support/farebox.ts'
import { anyStep, MoneyInPlay, ODD_PACKAGE } from './money-in-play.ts'

const RUNS_MS_MAX = 300_000

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

test(
  'whatever is bought, refunded, disputed, spent and lost on the way, everybody has what a plain account of it says',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
        const play = await MoneyInPlay.begin(farebox)
        for (const step of steps) {
          await play.step(step)
          await play.expectAgreement()
        }
        await play.end()
        await play.expectAgreement()
        expect(await farebox.verify()).toBe(CLEAN)
      }),
      { numRuns: 25 },
    )
  },
  RUNS_MS_MAX,
)
