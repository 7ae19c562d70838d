import pg from 'pg'
import { pino } from 'pino'
import { startCheckout } from '../../src/orders/checkout.ts'
import { requestRefund } from '../../src/orders/refunds/request-refund.ts'
import { createRefundRuns } from '../../src/orders/refunds/run-refund.ts'
import { stripeRefunds } from '../../src/orders/stripe/refund-provider.ts'
import { openStripeAccount } from '../../src/orders/stripe/stripe-client.ts'
import { receiveWebhook } from '../../src/orders/stripe/webhook-inbox.ts'
import { runTopUp } from '../../src/orders/top-up/run-top-up.ts'
import type { DoomedJob, DoomedReport } from './spawn-doomed-process.ts'

/*
 * One use case in a process of its own, which counts its steps (statements sent to PostgreSQL and calls to Stripe) and
 * dies by SIGKILL at the step that its job names. Lives to report its steps where the job names none.
 */
const job = JSON.parse(process.argv[2] ?? '') as DoomedJob
const clock = { now: () => Date.now() + job.clockOffsetMs }
const steps: string[] = []

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Takes the next step; returns what is to happen once it is sent, and once its answer is here. */
function step(label: string): { sent(): void; answered(): void } {
  steps.push(label)
  const isLast = steps.length === job.dieAt?.step
  const at = (moment: string) => () => {
    if (isLast && job.dieAt?.moment === moment) die()
  }
  at('before')()
  return { sent: at('sent'), answered: at('after') }
}

const pool = new pg.Pool({ connectionString: job.connectionString, application_name: job.applicationName })
pool.on('connect', (client) => {
  const send = client.query.bind(client) as (...words: unknown[]) => Promise<unknown> | undefined
  client.query = ((...words: unknown[]) => {
    const { sent, answered } = step(labelOf(words[0]))
    const answer = words.at(-1)
    if (typeof answer === 'function') {
      const heard = (...told: unknown[]) => {
        answered()
        answer(...told)
      }
      return send(...words.slice(0, -1), heard)
    }
    const result = send(...words)
    sent()
    return result?.then((rows) => {
      answered()
      return rows
    })
  }) as typeof client.query
})

function labelOf(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (statement as { text: string }).text
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 60)
}

const stripe = openStripeAccount(job.stripe)
const calls: ReturnType<typeof step>[] = []
stripe.api.on('request', ({ method, path }: { method: string; path: string }) => calls.push(step(`${method} ${path}`)))
stripe.api.on('response', () => calls.shift()?.answered())

const desk = { pool, clock, stripe, nudge: () => undefined }

async function act(): Promise<void> {
  switch (job.act.do) {
    case 'receive webhook': {
      const { body, signature } = job.act
      const logger = pino({ level: 'silent' })
      await receiveWebhook({ ...desk, logger, vatRegister: null, count: () => undefined }, Buffer.from(body), signature)
      return
    }
    case 'run top-up':
      await runTopUp(desk, job.act.accountId)
      return
    case 'start checkout': {
      const { accountId, idempotencyKey, amountMinor } = job.act
      const limits = { currency: 'USD', minimumMinor: 1n, maximumMinor: 1_000_000n }
      await startCheckout(
        { ...desk, currency: 'USD', limits, publicUrl: job.act.publicUrl },
        {
          ...{ accountId, idempotencyKey, amountMinor: BigInt(amountMinor), packageSlug: null, currency: null },
          ...{ saveCard: false, actorId: accountId },
        },
      )
      return
    }
    case 'refund': {
      const { orderId, actorId, idempotencyKey } = job.act
      const asked = { orderId, accountId: null, totalMinor: null, reason: 'Asked for', actorId, idempotencyKey }
      const { id } = await requestRefund(desk, asked)
      const failed = (error: Error) => {
        throw error
      }
      await createRefundRuns({ ...desk, provider: stripeRefunds(stripe), report: failed }).run(id)
    }
  }
}

await act()
await pool.end()
process.stdout.write(JSON.stringify({ steps } satisfies DoomedReport))
