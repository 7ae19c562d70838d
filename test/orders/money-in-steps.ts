import fc from 'fast-check'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const STEP_KINDS = [
  ...['buy', 'buy', 'buy package', 'pay', 'pay', 'pay', 'settle debit', 'spend', 'spend', 'spend'],
  ...['hold', 'deliver', 'deliver', 'drop', 'reconcile', 'repeat', 'jobs', 'jobs', 'advance'],
  ...['refund there', 'refund fails', 'refund', 'dispute', 'dispute', 'end dispute', 'end dispute'],
  ...['top-up', 'top-up'],
] as const

export interface Step {
  kind: (typeof STEP_KINDS)[number]
  /** Which order or event it is about, and how much or in which way: of 1,000. */
  which: number
  share: number
}

export const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEP_KINDS),
  which: fc.nat(999),
  share: fc.integer({ min: 1, max: 1_000 }),
})

/** What happens at Stripe alone, in which neither time nor spending takes part. */
export const anyStepAtStripe: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...(['buy', 'buy package', 'pay', 'pay', 'pay', 'settle debit'] as const),
    ...(['refund there', 'refund there', 'refund fails', 'dispute', 'end dispute', 'end dispute'] as const),
  ),
  which: fc.nat(999),
  share: fc.integer({ min: 1, max: 1_000 }),
})

/** What a package costs (minor units) and gives (nano), at a price that never divides evenly, with a bonus. */
export const ODD_PACKAGE = { slug: 'odd', priceMinor: 700n, creditNano: 7_123_456_789n, bonusNano: 1_000_000_001n }

export const CARDS = [
  ...['4242424242424242', '4242424242424242', '4242424242424242', '5555555555554444', '4000000000000341'],
  ...['4000000000000002', '4000000000000259', '4000002500003155', 'bank_debit', '4000000000009995'],
]
/** Pays when it is saved, and is declined from then on. */
export const REFUSES_LATER = '0341'
/** Those that need nobody to be there. */
export const TOP_UP_CARDS = ['4242', '4444', '0259', REFUSES_LATER]
/** None of their sums is a whole number of days, so that nothing ends within the milliseconds that a step takes. */
export const ADVANCES_MS = [HOUR_MS, 5 * HOUR_MS, 2 * DAY_MS, 40 * DAY_MS, 200 * DAY_MS].map(
  (time) => time + 13 * 60_000,
)
export const DELIVERIES = ['same', 'reversed', 'some', 'duplicated', 'shuffled'] as const
