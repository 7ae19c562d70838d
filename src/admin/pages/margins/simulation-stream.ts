import type { Response } from 'express'
import pg from 'pg'
import { z } from 'zod'
import type { Actor } from '../../../accounts/actor.ts'
import type { MarginDeps } from '../../../margins/margin-deps.ts'
import type { PriceChange } from '../../../margins/price-change.ts'
import { simulate } from '../../../margins/simulate.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { exactJson, sendExact } from '../exact-json.ts'
import { simulationSummary } from './simulation-summary.ts'
import { permissionToChange, requireMay } from './who-may.ts'

/** Each holds a connection and a snapshot for minutes: more wait for their turn. */
const RUNNING_MAX = 2
/** One statement of a simulation reads at most some days of usage. */
const STATEMENT_TIMEOUT_MS = 120_000
/** Between two lines about progress: a page needs no more. */
const PROGRESS_MS = 200

const asked = z.strictObject({
  changes: z.array(z.looseObject({ kind: z.string().max(40) })).max(100),
  days: z.union([z.literal(7), z.literal(30), z.literal(90)], { error: 'expected 7, 30 or 90 days' }),
})

/** Runs simulations for pages, a few at a time, on connections of their own. */
export interface SimulationDesk {
  /**
   * Answers line by line, each a JSON object: `{"eventsDone", "eventsTotal"}` while it works, at last `{"simulation"}`, or
   * `{"refusal"}`, or `{"fault"}`. Who goes away ends the work, with the statement that is running.
   */
  run(actor: Actor, body: unknown, response: Response): Promise<void>
  close(): Promise<void>
}

export function openSimulationDesk(deps: AdminDeps): SimulationDesk {
  const { connectionString, clock, logger } = deps
  // Beside those that work, one ends the statement of one that is given up.
  const pool = new pg.Pool({
    ...{ connectionString, max: RUNNING_MAX + 1, statement_timeout: STATEMENT_TIMEOUT_MS },
    application_name: 'farebox simulation',
  })
  pool.on('error', (error) => logger.warn({ error: error.message }, 'database'))
  const margins: MarginDeps = { pool, clock, operatorFeeNano: deps.processingFeeNano }
  const running = new Map<AbortController, Promise<void>>()

  async function run(actor: Actor, body: unknown, response: Response): Promise<void> {
    const read = asked.safeParse(body)
    if (!read.success) {
      const problems = read.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
      return sendExact(response, { reason: 'invalid', problems }, 422)
    }
    const { changes, days } = read.data
    for (const kind of new Set(changes.map((change) => change.kind))) {
      await requireMay(deps, actor, permissionToChange(kind), 'prices.simulate')
    }
    if (changes.length === 0) await requireMay(deps, actor, 'change prices', 'prices.simulate')
    if (running.size >= RUNNING_MAX) return sendExact(response, { reason: 'busy' }, 429)
    const controller = new AbortController()
    response.on('close', () => controller.abort())
    const work = stream(margins, { actor, changes: changes as PriceChange[], days }, controller.signal, response, deps)
    running.set(controller, work)
    await work.finally(() => running.delete(controller))
  }

  return {
    run,
    async close() {
      for (const controller of running.keys()) controller.abort()
      await Promise.allSettled(running.values())
      await pool.end()
    },
  }
}

async function stream(
  margins: MarginDeps,
  asked: Pick<Parameters<typeof simulate>[1], 'actor' | 'changes' | 'days'>,
  signal: AbortSignal,
  response: Response,
  { logger }: AdminDeps,
): Promise<void> {
  response.status(200).set({ 'content-type': 'application/x-ndjson; charset=utf-8', 'x-accel-buffering': 'no' })
  response.flushHeaders()
  const say = (line: unknown) => {
    if (!signal.aborted) response.write(`${exactJson(line)}\n`)
  }
  let saidAt = 0
  try {
    const found = await simulate(margins, {
      ...asked,
      signal,
      onProgress(progress) {
        if (performance.now() - saidAt < PROGRESS_MS) return
        saidAt = performance.now()
        say(progress)
      },
    })
    say(found.ok ? { simulation: simulationSummary(found) } : { refusal: found })
  } catch (error) {
    // Given up by who asked, or by the end of the process.
    if (!signal.aborted) {
      logger.error({ err: error }, 'a simulation failed')
      say({ fault: 'The simulation could not be finished. Try again, or ask for fewer days.' })
    }
  } finally {
    response.end()
  }
}
