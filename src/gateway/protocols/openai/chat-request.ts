import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { applyEdits, type Edit, type Member, topLevelMembers } from '../../json-members.ts'

/** More choices than this no provider gives; each multiplies the output bound. */
const CHOICES_MAX = 128
/** Tokens a provider's chat template may add that stand for no byte of the body. */
const TEMPLATE_TOKENS = 64

const outputCap = z.int({ error: 'expected a whole number of tokens' }).positive({ error: 'expected at least 1' })

/** Only what the gateway itself interprets; everything else is the provider's to judge. */
const chatRequest = z.looseObject({
  model: z.string({ error: 'expected the name of a model' }).min(1, { error: 'expected the name of a model' }),
  messages: z
    .array(z.unknown(), { error: 'expected a list of messages' })
    .min(1, { error: 'expected at least one message' }),
  stream: z.boolean({ error: 'expected true or false' }).nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean({ error: 'expected true or false' }).nullish() }).nullish(),
  max_tokens: outputCap.nullish(),
  max_completion_tokens: outputCap.nullish(),
  n: z
    .int({ error: 'expected a whole number of choices' })
    .min(1, { error: 'expected at least 1' })
    .max(CHOICES_MAX, { error: `expected at most ${CHOICES_MAX}` })
    .nullish(),
  service_tier: z.string({ error: 'expected text' }).nullish(),
  modalities: z.array(z.string(), { error: 'expected a list of modalities' }).nullish(),
})

export interface ChatRequest {
  model: string
  stream: boolean
  /** Whether the client asked for the usage chunk of a stream. */
  wantsUsage: boolean
  /** The least cap that the client named for one choice; null = none. */
  outputCap: number | null
  choices: number
  /** No prompt of this request counts more tokens, whatever the tokenizer: every token is at least one byte. */
  textTokensMax: number
  images: number
  /** How many bytes of the body are images, which count by the image and not by the byte. */
  imageBytes: number
  /** Files, whose tokens their bytes do not bound. */
  unboundedInput: boolean
  /** Tokens that may be billed as output beside the cap (a rejected prediction). */
  predictionTokensMax: number
  readonly messages: readonly unknown[]
  readonly raw: Buffer
  readonly members: readonly Member[]
  readonly streamOptions: Record<string, unknown> | null
}

/**
 * Reads a chat completion request.
 * @throws GatewayError that names the field and what was expected.
 */
export function parseChatRequest(raw: Buffer): ChatRequest {
  const parsed = parseJson(raw)
  const members = topLevelMembers(raw)
  refuseDuplicates(members)
  const result = chatRequest.safeParse(parsed)
  if (!result.success) throw invalidField(result.error)
  const request = result.data
  refuseUnpricedFeatures(request)
  const media = mediaOf(request.messages)
  const caps = [request.max_tokens, request.max_completion_tokens].filter((cap) => cap != null)
  const prediction = members.find((member) => member.key === 'prediction')
  return {
    model: request.model,
    stream: request.stream === true,
    wantsUsage: request.stream_options?.include_usage === true,
    outputCap: caps.length > 0 ? Math.min(...caps) : null,
    choices: request.n ?? 1,
    textTokensMax: raw.length + TEMPLATE_TOKENS,
    ...media,
    predictionTokensMax: prediction ? prediction.valueEnd - prediction.valueStart : 0,
    messages: request.messages,
    raw,
    members,
    streamOptions: request.stream_options ?? null,
  }
}

function parseJson(raw: Buffer): unknown {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw.toString('utf8'))
  } catch (error) {
    throw new GatewayError('invalid_json', `The body is not valid JSON${positionOf(error)}.`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new GatewayError('invalid_request', 'The body must be a JSON object.')
  }
  return parsed
}

/** Only the place: the engine's own message quotes the text around it. */
function positionOf(error: unknown): string {
  const position = error instanceof Error ? / at position (\d+)/.exec(error.message)?.[1] : undefined
  return position === undefined ? '' : ` (at byte ${position})`
}

function refuseDuplicates(members: readonly Member[]): void {
  const seen = new Set<string>()
  for (const { key } of members) {
    if (seen.has(key)) {
      throw new GatewayError('duplicate_field', `The field '${key}' stands in the body twice; expected once.`, {
        param: key,
      })
    }
    seen.add(key)
  }
}

function invalidField(error: z.ZodError): GatewayError {
  const issue = error.issues[0]
  const param = issue?.path.join('.') ?? ''
  return new GatewayError('invalid_request', `Invalid '${param}': ${issue?.message ?? 'not as expected'}.`, { param })
}

/** What is billed by other figures than the model's tokens has no price here yet, and nothing unpriced is free. */
function refuseUnpricedFeatures(request: z.infer<typeof chatRequest>): void {
  const tier = request.service_tier
  if (tier != null && tier !== 'auto' && tier !== 'default') {
    throw unpriced('service_tier', `the tier '${tier.slice(0, 40)}'; expected 'auto' or 'default'`)
  }
  if (request.modalities?.some((modality) => modality !== 'text')) throw unpriced('modalities', "anything but 'text'")
  if (request.web_search_options != null) throw unpriced('web_search_options', 'web search')
}

function unpriced(param: string, what: string): GatewayError {
  return new GatewayError('feature_not_priced', `'${param}' asks for ${what}, which has no price here.`, { param })
}

interface Media {
  images: number
  imageBytes: number
  unboundedInput: boolean
}

/** Counted in the parsed messages, never by searching the bytes: JSON can write any word with escapes. */
function mediaOf(messages: readonly unknown[]): Media {
  const media: Media = { images: 0, imageBytes: 0, unboundedInput: false }
  for (const message of messages) {
    const content = (message as { content?: unknown } | null)?.content
    if (Array.isArray(content)) for (const part of content) addPart(media, part)
    // A reference to an earlier audio reply: its length is the provider's knowledge alone.
    if ((message as { audio?: unknown } | null)?.audio != null) media.unboundedInput = true
  }
  return media
}

function addPart(media: Media, part: { type?: unknown; image_url?: { url?: unknown } } | null): void {
  if (part?.type === 'text' || part?.type === 'refusal') return
  if (part?.type !== 'image_url') {
    // Audio costs several times as much as text, and a rate card has no rate for it.
    if (part?.type === 'input_audio') throw unpriced('messages', 'audio input')
    media.unboundedInput = true
    return
  }
  media.images += 1
  const url = part.image_url?.url
  if (typeof url === 'string') media.imageBytes += url.length
}

/**
 * The request as the provider gets it: the client's own bytes but for the model's name, the output cap and the usage
 * switch of a stream.
 */
export function upstreamBody(
  request: ChatRequest,
  upstreamModel: string,
  cap: { parameter: string; tokens: number } | null,
): Buffer {
  const edits: Edit[] = []
  const added: string[] = []
  const set = (key: string, value: string): void => {
    const member = request.members.find((candidate) => candidate.key === key)
    if (member) edits.push({ start: member.valueStart, end: member.valueEnd, text: value })
    else added.push(`${JSON.stringify(key)}:${value}`)
  }
  if (upstreamModel !== request.model) set('model', JSON.stringify(upstreamModel))
  if (cap) for (const parameter of capParameters(request, cap.parameter)) set(parameter, String(cap.tokens))
  if (request.stream && !request.wantsUsage) {
    set('stream_options', JSON.stringify({ ...request.streamOptions, include_usage: true }))
  }
  if (added.length > 0) {
    const start = request.raw.indexOf('{') + 1
    edits.push({ start, end: start, text: `${added.join(',')},` })
  }
  return applyEdits(request.raw, edits)
}

/** The cap goes where the client put it; only where it put none, into the provider's own field. */
function capParameters(request: ChatRequest, preferred: string): string[] {
  const named = request.members
    .filter(({ key, valueStart }) => isCap(key) && request.raw[valueStart] !== NULL_FIRST_BYTE)
    .map(({ key }) => key)
  return named.length > 0 ? named : [preferred]
}

const NULL_FIRST_BYTE = 0x6e

/** The two names of the output cap: the older and the newer one. */
export function isCap(key: string): boolean {
  return key === 'max_tokens' || key === 'max_completion_tokens'
}
