/** Beyond this much text the count is taken on a part and scaled: counting must not hold up other requests. */
const COUNTED_CHARACTERS_MAX = 64 * 1024
/** What a chat template adds to each message, and once to the answer (OpenAI cookbook, "How to count tokens"). */
const TOKENS_PER_MESSAGE = 3
const TOKENS_PER_REPLY = 3
/** For a picture whose size is unknown: OpenAI's own figure for one in low detail. */
const TOKENS_PER_IMAGE = 85

type Count = (text: string) => number
let counter: Promise<Count> | null = null

/** The tokenizer's tables take a while to load, and few processes ever need them. */
function loadCounter(): Promise<Count> {
  counter ??= import('gpt-tokenizer/encoding/o200k_base').then(
    ({ countTokens }) =>
      (text: string) =>
        // Words such as <|endoftext|> are ordinary text in what people write.
        countTokens(text, { disallowedSpecial: new Set() }),
  )
  return counter
}

/** How many tokens a text has, by the tokenizer of current OpenAI models; an estimate for all others. */
export async function estimateTokens(text: string): Promise<number> {
  if (text === '') return 0
  const count = await loadCounter()
  if (text.length <= COUNTED_CHARACTERS_MAX) return count(text)
  const part = count(text.slice(0, COUNTED_CHARACTERS_MAX))
  return Math.ceil((part * text.length) / COUNTED_CHARACTERS_MAX)
}

/** How many tokens a list of chat messages has. */
export async function estimatePromptTokens(messages: readonly unknown[]): Promise<number> {
  let images = 0
  let text = ''
  for (const message of messages) {
    const content = (message as { content?: unknown } | null)?.content
    if (typeof content === 'string') text += content
    else if (Array.isArray(content)) {
      for (const part of content) {
        if (typeof part?.text === 'string') text += part.text
        else images += 1
      }
    }
  }
  const framing = messages.length * TOKENS_PER_MESSAGE + TOKENS_PER_REPLY
  return (await estimateTokens(text)) + framing + images * TOKENS_PER_IMAGE
}
