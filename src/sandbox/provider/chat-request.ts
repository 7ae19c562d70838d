import { z } from 'zod'
import { invalidRequest, type ProviderError } from './provider-error.ts'

/** Choices OpenAI allows for one request. */
const CHOICES_MAX = 128

const part = z.looseObject({ type: z.string(), text: z.string().optional() })
const message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part), z.null()]).optional() })
const cap = z.number().int().min(1).nullable().optional()

/** Only what the sandbox acts on; everything else a client sends is accepted and ignored. */
const chatRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullable().optional(),
  max_tokens: cap,
  max_completion_tokens: cap,
  n: z.number().int().min(1).max(CHOICES_MAX).nullable().optional(),
})

export type ChatMessage = z.infer<typeof message>

/** A chat completion request as the sandbox sees it. */
export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  isStream: boolean
  includesUsage: boolean
  outputCap: number | null
  choiceCount: number
  /** Upper bound of the prompt tokens. */
  bodyBytes: number
}

export type ChatRequestResult = { ok: true; request: ChatRequest } | { ok: false; error: ProviderError }

/** Parses a body; refusals are worded as OpenAI words them. */
export function parseChatRequest(body: string): ChatRequestResult {
  const json = parseJson(body)
  if (!json.ok) return json
  const parsed = chatRequestSchema.safeParse(json.value)
  if (!parsed.success) return { ok: false, error: describeIssue(parsed.error.issues[0], json.value) }
  const { model, messages, stream, stream_options, max_tokens, max_completion_tokens, n } = parsed.data
  return {
    ok: true,
    request: {
      model,
      messages,
      isStream: stream === true,
      includesUsage: stream_options?.include_usage === true,
      outputCap: max_completion_tokens ?? max_tokens ?? null,
      choiceCount: n ?? 1,
      bodyBytes: Buffer.byteLength(body),
    },
  }
}

/** The text of a message; images and other parts count nothing here. */
export function messageText({ content }: ChatMessage): string {
  if (typeof content === 'string') return content
  return content?.map((item) => item.text ?? '').join('') ?? ''
}

export function parseJson(body: string): { ok: true; value: unknown } | { ok: false; error: ProviderError } {
  try {
    return { ok: true, value: JSON.parse(body) }
  } catch {
    return { ok: false, error: invalidRequest('We could not parse the JSON body of your request.') }
  }
}

/** Takes any zod issue; only its path and kind decide the wording. */
export function describeIssue(issue: z.core.$ZodIssue | undefined, value: unknown): ProviderError {
  const path = issue?.path ?? []
  const param = path.join('.') || null
  const given = path.reduce<unknown>((parent, key) => (parent as Record<PropertyKey, unknown> | null)?.[key], value)
  if (path[0] === 'model' && !given) return invalidRequest('you must provide a model parameter')
  if (given === undefined)
    return invalidRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
  if (issue?.code === 'too_small' && typeof given === 'number') {
    const wording = `Invalid '${param}': integer below minimum value. Expected a value >= ${issue.minimum}, but got ${given} instead.`
    return invalidRequest(wording, param, 'integer_below_min_value')
  }
  return invalidRequest(`Invalid value for '${param}': ${issue?.message ?? 'invalid'}.`, param, 'invalid_value')
}
