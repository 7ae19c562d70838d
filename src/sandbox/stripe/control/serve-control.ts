import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { StripeControl } from './stripe-control.ts'

const COUNT_MAX = 1_000_000
const count = z.number().int().min(1).max(COUNT_MAX)
const id = z.string().min(1)

type Knob = (control: StripeControl, input: unknown) => unknown

function knob<Schema extends z.ZodType>(
  schema: Schema,
  turn: (control: StripeControl, input: z.output<Schema>) => unknown,
): Knob {
  return (control, input) => turn(control, schema.parse(input))
}

const nothing = z.strictObject({})
const addressSchema = z.strictObject({
  line1: z.string().optional(),
  city: z.string().optional(),
  postalCode: z.string().optional(),
  country: z.string().optional(),
})

/** `POST /_control/<name>` with a JSON object; the same knobs as StripeControl has. */
const KNOBS: Readonly<Record<string, Knob>> = {
  deliver: knob(z.strictObject({ mode: z.enum(['normal', 'hold']) }), (control, input) => control.deliver(input)),
  release: knob(
    z.strictObject({ order: z.union([z.enum(['same', 'reversed']), z.array(id)]).optional() }),
    (control, { order }) => control.release(order),
  ),
  drop: knob(z.strictObject({ types: z.array(z.string()).optional() }), (control, { types }) => control.drop(types)),
  duplicate: knob(z.strictObject({ times: count.max(100) }), (control, { times }) => control.duplicate(times)),
  resend: knob(z.strictObject({ eventId: id }), (control, { eventId }) => control.resend(eventId)),
  forge: knob(
    z.strictObject({
      type: z.string(),
      object: z.looseObject({}),
      secret: z.string().nullable().optional(),
      timestampOffsetSeconds: z.number().int().optional(),
      livemode: z.boolean().optional(),
      id: id.optional(),
    }),
    async (control, input) => ({ status: await control.forge(input) }),
  ),
  dispute: knob(
    z.strictObject({
      of: id,
      amount: z.number().int().min(1).optional(),
      reason: z.string().optional(),
      isInquiry: z.boolean().optional(),
    }),
    (control, { of, ...options }) => control.dispute(of, options),
  ),
  'close-dispute': knob(
    z.strictObject({ id, end: z.enum(['won', 'lost', 'warning_closed']), reinstate: z.boolean().default(true) }),
    (control, input) => control.closeDispute(input.id, input.end, { reinstate: input.reinstate }),
  ),
  reinstate: knob(z.strictObject({ id }), (control, input) => control.reinstate(input.id)),
  'settle-delayed': knob(
    z.strictObject({ sessionId: id, end: z.enum(['succeeded', 'failed']) }),
    (control, { sessionId, end }) => control.settleDelayed(sessionId, end),
  ),
  'fail-refund': knob(z.strictObject({ refundId: id }), (control, { refundId }) => control.failRefund(refundId)),
  outage: knob(
    z.strictObject({
      status: z.union([z.literal(500), z.literal(429), z.enum(['timeout', 'disconnect'])]),
      count,
      path: z.string().optional(),
      after: z.boolean().optional(),
    }),
    (control, input) => control.outage(input),
  ),
  'end-outages': knob(nothing, (control) => control.endOutages()),
  'hold-calls': knob(z.strictObject({ count, path: z.string().optional() }), (control, input) => {
    void control.holdCalls(input)
  }),
  'release-calls': knob(nothing, (control) => control.releaseCalls()),
  idle: knob(nothing, (control) => control.idle()),
  sweep: knob(nothing, (control) => control.sweep()),
  pay: knob(
    z.strictObject({
      sessionId: id,
      card: z.string(),
      saveCard: z.boolean().optional(),
      name: z.string().optional(),
      email: z.string().optional(),
      address: addressSchema.optional(),
      taxId: z.strictObject({ type: z.string(), value: z.string() }).optional(),
      authenticate: z.enum(['complete', 'fail']).optional(),
    }),
    (control, { sessionId, ...payment }) => control.pay(sessionId, payment),
  ),
}

/** Answers `/_control/…` with JSON: 200 with the knob's result or null, 400 with what was wrong. */
export async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  control: StripeControl,
): Promise<void> {
  const name = (request.url ?? '').split('?', 1)[0]?.slice('/_control/'.length) ?? ''
  if (request.method === 'GET' && name === 'events') return send(response, 200, { events: control.events() })
  const turn = request.method === 'POST' && Object.hasOwn(KNOBS, name) ? KNOBS[name] : undefined
  if (!turn) return send(response, 404, { error: `no such knob: ${request.method} ${name}` })
  // Browsers send this type across origins only after asking, and nobody answers them.
  if (!request.headers['content-type']?.startsWith('application/json'))
    return send(response, 415, { error: 'expected content-type: application/json' })
  try {
    const result = await turn(control, JSON.parse(body === '' ? '{}' : body))
    send(response, 200, result ?? null)
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    send(response, 400, { error: message })
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
