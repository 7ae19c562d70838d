import { z } from 'zod'
import { describeIssue, parseJson } from './chat-request.ts'
import type { Exchange } from './exchange.ts'
import { MISSING_KEY, type ProviderError, simulatedError, unknownModel } from './provider-error.ts'
import type { ProviderState } from './provider-state.ts'
import { hashText, seededRandom } from './seeded-random.ts'

const INPUTS_MAX = 2048
const DIMENSIONS_MAX = 3072
/** Small by default: nobody searches with these vectors. */
const DIMENSIONS = 64
const UTF8_BYTES_PER_TOKEN = 4

const requestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(INPUTS_MAX)]),
  dimensions: z.number().int().min(1).max(DIMENSIONS_MAX).optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
})

type EmbeddingRequest = z.infer<typeof requestSchema>
type EmbeddingResult = { ok: true; request: EmbeddingRequest } | { ok: false; error: ProviderError }

/** `POST /v1/embeddings`: unit vectors that depend on the text alone. */
export function handleEmbeddings(exchange: Exchange, state: ProviderState): void {
  exchange.readBody((body) => {
    const result: EmbeddingResult = exchange.facts.hasAuthorization
      ? check(body, state)
      : { ok: false, error: MISSING_KEY }
    if (result.ok) {
      exchange.facts.model = result.request.model
      exchange.sendJson(200, embeddingReply(result.request, state.behaviour.omitUsage))
    } else exchange.refuse(result.error)
  })
}

function check(body: string, state: ProviderState): EmbeddingResult {
  const json = parseJson(body)
  if (!json.ok) return json
  const parsed = requestSchema.safeParse(json.value)
  if (!parsed.success) return { ok: false, error: describeIssue(parsed.error.issues[0], json.value) }
  const { model } = parsed.data
  if (state.models && !state.models.includes(model)) return { ok: false, error: unknownModel(model) }
  const { errorRate, errorStatus } = state.behaviour
  if (errorRate > 0 && state.random() < errorRate) return { ok: false, error: simulatedError(errorStatus) }
  return { ok: true, request: parsed.data }
}

function embeddingReply(request: EmbeddingRequest, isUsageOmitted: boolean): string {
  const { model, input, dimensions = DIMENSIONS, encoding_format } = request
  const texts = typeof input === 'string' ? [input] : input
  const data = texts.map((text, index) => {
    const vector = unitVector(text, dimensions)
    return { object: 'embedding', index, embedding: encoding_format === 'base64' ? toBase64(vector) : vector }
  })
  const counted = texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / UTF8_BYTES_PER_TOKEN), 0)
  const usage = { prompt_tokens: counted, total_tokens: counted }
  return JSON.stringify({ object: 'list', data, model, ...(!isUsageOmitted && { usage }) })
}

function unitVector(text: string, dimensions: number): number[] {
  const random = seededRandom(hashText(text))
  const raw = Array.from({ length: dimensions }, () => random() - 0.5)
  const length = Math.hypot(...raw) || 1
  return raw.map((value) => value / length)
}

function toBase64(vector: number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString('base64')
}
