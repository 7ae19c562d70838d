/** What a card does when it is charged. */
export type CardBehaviour =
  | { kind: 'pays' }
  /** Attaches to a customer; charging that customer fails. */
  | { kind: 'declinesOnceAttached' }
  | { kind: 'declines'; code: string; declineCode: string; message: string }
  /** Needs authentication, `once`: not again after it was set up for use off session. */
  | { kind: 'authenticates'; when: 'once' | 'always' }
  | { kind: 'isDisputed' }
  | { kind: 'failsRefunds' }

export interface TestCard {
  number: string
  /** Stripe's name for it in place of an id. */
  token: string | null
  brand: string
  /** In a few words, for the hosted page. */
  effect: string
  behaviour: CardBehaviour
}

const DECLINED = 'Your card was declined.'

function declining(code: string, declineCode: string, message: string): CardBehaviour {
  return { kind: 'declines', code, declineCode, message }
}

export const TEST_CARDS: readonly TestCard[] = [
  { number: '4242424242424242', token: 'pm_card_visa', brand: 'visa', effect: 'Pays', behaviour: { kind: 'pays' } },
  {
    number: '5555555555554444',
    token: 'pm_card_mastercard',
    brand: 'mastercard',
    effect: 'Pays (Mastercard)',
    behaviour: { kind: 'pays' },
  },
  {
    number: '4000002500003155',
    token: 'pm_card_authenticationRequiredOnSetup',
    brand: 'visa',
    effect: 'Asks for authentication once, then can be charged again without it',
    behaviour: { kind: 'authenticates', when: 'once' },
  },
  {
    number: '4000002760003184',
    token: 'pm_card_authenticationRequired',
    brand: 'visa',
    effect: 'Asks for authentication every time',
    behaviour: { kind: 'authenticates', when: 'always' },
  },
  {
    number: '4000000000000341',
    token: 'pm_card_chargeCustomerFail',
    brand: 'visa',
    effect: 'Can be saved, then declines later charges',
    behaviour: { kind: 'declinesOnceAttached' },
  },
  {
    number: '4000000000000002',
    token: 'pm_card_visa_chargeDeclined',
    brand: 'visa',
    effect: 'Declines',
    behaviour: declining('card_declined', 'generic_decline', DECLINED),
  },
  {
    number: '4000000000009995',
    token: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    brand: 'visa',
    effect: 'Declines: insufficient funds',
    behaviour: declining('card_declined', 'insufficient_funds', 'Your card has insufficient funds.'),
  },
  {
    number: '4000000000009987',
    token: 'pm_card_visa_chargeDeclinedLostCard',
    brand: 'visa',
    effect: 'Declines: lost card',
    behaviour: declining('card_declined', 'lost_card', DECLINED),
  },
  {
    number: '4000000000009979',
    token: 'pm_card_visa_chargeDeclinedStolenCard',
    brand: 'visa',
    effect: 'Declines: stolen card',
    behaviour: declining('card_declined', 'stolen_card', DECLINED),
  },
  {
    number: '4000000000000069',
    token: 'pm_card_chargeDeclinedExpiredCard',
    brand: 'visa',
    effect: 'Declines: expired card',
    behaviour: declining('expired_card', 'expired_card', 'Your card has expired.'),
  },
  {
    number: '4000000000000127',
    token: 'pm_card_chargeDeclinedIncorrectCvc',
    brand: 'visa',
    effect: 'Declines: wrong security code',
    behaviour: declining('incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect."),
  },
  {
    number: '4000000000000259',
    token: 'pm_card_createDispute',
    brand: 'visa',
    effect: 'Pays, and is disputed as fraudulent at once',
    behaviour: { kind: 'isDisputed' },
  },
  {
    number: '4000000000005126',
    token: 'pm_card_refundFail',
    brand: 'visa',
    effect: 'Pays, but a refund fails some seconds later',
    behaviour: { kind: 'failsRefunds' },
  },
]

/** The stand-in for a card number where a person pays from a bank account. */
export const BANK_DEBIT = 'bank_debit'

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]))
const BY_TOKEN = new Map(TEST_CARDS.flatMap((card) => (card.token === null ? [] : [[card.token, card] as const])))

export function testCardWithToken(token: string): TestCard | undefined {
  return BY_TOKEN.get(token)
}

/** The card with a number; a number that is no test card is declined, as in Stripe's test mode. */
export function testCardWithNumber(number: string): TestCard {
  const message = 'Your card was declined. Your request was in test mode, but used a non test card.'
  const behaviour = declining('card_declined', 'test_mode_live_card', message)
  return BY_NUMBER.get(number) ?? { number, token: null, brand: 'unknown', effect: 'Declines', behaviour }
}
