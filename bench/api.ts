import {
  type Bench,
  type BenchOptions,
  type BenchResult,
  median,
  type Ratio,
  type Row,
  rounded,
} from './support/bench.ts'
import { startFarebox } from './support/farebox.ts'
import { type LoadGenerator, type LoadPlan, startLoadGenerator, type TargetLoad } from './support/load.ts'
import { stopAllProcesses } from './support/processes.ts'
import { startUpstream, type Target } from './support/target.ts'

/** How many balances a second does one process tell, each read from the database after it was asked for? */
export const api: Bench = { name: 'api', run }

interface Question {
  what: string
  path: string
  connections: number
}

const QUESTIONS: Question[] = [
  { what: 'balance, 1 connection', path: '/credits/balance', connections: 1 },
  { what: 'balance, 64 connections', path: '/credits/balance', connections: 64 },
  { what: 'nothing but a route, 64 connections', path: '/healthz', connections: 64 },
]
/** What one process has to reach with the load generator on the same machine. */
const BALANCES_PER_SECOND_MIN = 5_000
const BALANCE_BUSY = 'balance, 64 connections'
const ROUTE_ALONE = 'nothing but a route, 64 connections'

const DEFAULT_PACE = { rounds: 5, compileMs: 3_000, warmUpMs: 400, measureMs: 2_000 }
const QUICK_PACE = { rounds: 1, compileMs: 1_000, warmUpMs: 300, measureMs: 1_000 }
const REQUESTS_MAX = 10_000_000

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const pace = isQuick ? QUICK_PACE : DEFAULT_PACE
  try {
    const farebox = await startFarebox(await startUpstream())
    if ('reason' in farebox) return { rows: [], ratios: [], notes: [`farebox: ${farebox.reason}`] }
    for (const question of QUESTIONS) await check(farebox, question)
    const generator = await startLoadGenerator()
    const measured = new Map<string, TargetLoad[]>(QUESTIONS.map(({ what }) => [what, []]))
    for (const question of QUESTIONS)
      await ask(generator, farebox, question, { warmUpMs: 0, measureMs: pace.compileMs })
    for (let round = 0; round < pace.rounds; round += 1) {
      for (const question of QUESTIONS) {
        progress(`api: ${question.what}`)
        measured.get(question.what)?.push(await ask(generator, farebox, question, pace))
      }
    }
    return summarize(measured)
  } finally {
    await stopAllProcesses()
  }
}

function ask(
  generator: LoadGenerator,
  farebox: Target,
  { path, connections }: Question,
  { warmUpMs, measureMs }: Pick<LoadPlan, 'warmUpMs' | 'measureMs'>,
): Promise<TargetLoad> {
  const lines = Object.entries({ host: `127.0.0.1:${farebox.port}`, ...farebox.headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const request = `GET ${path} HTTP/1.1\r\n${head}\r\n`
  return generator.run(farebox, {
    isStream: false,
    request,
    connections,
    warmUpMs,
    measureMs,
    requestsMax: REQUESTS_MAX,
  })
}

/** Asks once and looks at the answer, so that no error is ever measured. */
async function check({ port, headers }: Target, { path }: Question): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  const body = (await response.json()) as { balanceCents?: number }
  const isGood = response.status === 200 && (path !== '/credits/balance' || Number.isInteger(body.balanceCents))
  if (!isGood) throw new Error(`${path} answers ${response.status} ${JSON.stringify(body)}`)
}

function summarize(measured: Map<string, TargetLoad[]>): BenchResult {
  const perSecond = (what: string) =>
    median((measured.get(what) ?? []).map(({ requestsPerSecond }) => requestsPerSecond))
  const rows = [...measured].map(([what, loads]): Row => {
    const of = (figure: (load: TargetLoad) => number) => rounded(median(loads.map(figure)))
    return {
      what,
      'requests/s': of(({ requestsPerSecond }) => requestsPerSecond),
      'p50 ms': of(({ latencyMs }) => latencyMs.p50),
      'p99 ms': of(({ latencyMs }) => latencyMs.p99),
      'CPU µs/request': of(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest ?? 0),
      failures: loads.reduce((sum, { failures }) => sum + failures, 0),
    }
  })
  const balances = perSecond(BALANCE_BUSY)
  const ratio: Ratio = {
    ...{ what: '64 connections', figure: 'requests/s', of: 'balance', to: 'nothing but a route' },
    value: rounded(balances / perSecond(ROUTE_ALONE)),
  }
  const verdict = balances >= BALANCES_PER_SECOND_MIN ? 'reached' : 'missed'
  return {
    rows,
    ratios: [ratio],
    notes: [`at least ${BALANCES_PER_SECOND_MIN} balances/s on one process: ${verdict} (${Math.round(balances)})`],
  }
}
