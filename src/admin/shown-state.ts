/** How a state looks: colour and shape, beside its word. The tones are those of the portal's badges. */
export type StateTone = 'done' | 'waiting' | 'action' | 'failed' | 'over'

/** Words that read otherwise than their name in capitals. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ AWAITING_PAYMENT: 'Awaiting payment', REQUIRES_ACTION: 'Action needed', PARTIALLY_REFUNDED: 'Partly refunded' },
  ...{ CLIENT_ABORTED: 'Cut by the client', PROVIDER_ABORTED: 'Cut by the provider', CREDIT_NOTE: 'Credit note' },
  ...{ AUTO_TOP_UP: 'Auto top-up', USAGE_DEBIT: 'Usage', MARKUP_ON_COST: 'Markup on cost' },
  ...{ openai: 'OpenAI', anthropic: 'Anthropic', gemini: 'Gemini' },
}

const TONES: Readonly<Record<StateTone, readonly string[]>> = {
  done: ['PAID', 'SUCCEEDED', 'WON', 'PROCESSED', 'SENT', 'COMPLETED', 'ACTIVE', 'DONE', 'BOOKED', 'REINSTATED'],
  waiting: ['DRAFT', 'AWAITING_PAYMENT', 'PENDING', 'RUNNING', 'INQUIRY'],
  action: ['REQUIRES_ACTION', 'OPEN'],
  failed: ['FAILED', 'LOST', 'DISPUTED', 'PROVIDER_ABORTED', 'REJECTED', 'ABANDONED'],
  over: [
    ...['EXPIRED', 'CANCELED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'IGNORED', 'DISABLED', 'CLIENT_ABORTED', 'REFUSED'],
  ],
}

/** A state in a word, and its tone; null = it is a kind, and has none. */
export function shownState(value: string): { word: string; tone: StateTone | null } {
  const tone = (Object.keys(TONES) as StateTone[]).find((each) => TONES[each].includes(value)) ?? null
  const plain = value.toLowerCase().replaceAll('_', ' ')
  return { word: WORDS[value] ?? plain.charAt(0).toUpperCase() + plain.slice(1), tone }
}
