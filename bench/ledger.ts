import {
  type Bench,
  type BenchOptions,
  type BenchResult,
  median,
  type Ratio,
  type Row,
  rounded,
} from './support/bench.ts'
import { type Contender, FAREBOX, FAREBOX_ALONE, ONE_BY_ONE, openContenders } from './support/ledger-contenders.ts'
import { type LedgerLoad, type Part, runLedgerLoad } from './support/ledger-load.ts'
import { startLedgerServer } from './support/ledger-server.ts'

/** What does group commit gain over one transaction per debit, where wallets are many and where one is hot? */
export const ledger: Bench = { name: 'ledger', run }

interface Scenario {
  what: string
  part: Part
  wallets(contender: Contender): string[]
  /** What the issue asks of farebox / one-by-one. */
  ratioMin: number
}

const hot = { wallets: (contender: Contender) => contender.hotWallet, ratioMin: 8 }
const many = { wallets: (contender: Contender) => contender.manyWallets, ratioMin: 15 }

const SCENARIOS: Scenario[] = [
  { what: 'capture, 1,000 wallets', part: 'capture', ...many },
  { what: 'capture, one hot wallet', part: 'capture', ...hot },
  { what: 'authorize + capture, 1,000 wallets', part: 'request', ...many },
  { what: 'authorize + capture, one hot wallet', part: 'request', ...hot },
]

/** Chosen so that the default run stays under a minute with three contenders, four scenarios and the proof at the end. */
const DEFAULT_PACE = { rounds: 3, warmUpMs: 300, measureMs: 700 }
const QUICK_PACE = { rounds: 1, warmUpMs: 150, measureMs: 300 }
type Pace = typeof DEFAULT_PACE

/** Debits of the first, cold round, for each that is in flight; its rate says how many fill the time of the next. */
const FIRST_DEBITS_EACH = 8
const DEBITS_MIN = 50
const DEBITS_MAX = 50_000

const COMPARISONS = [
  [FAREBOX, ONE_BY_ONE],
  [FAREBOX, FAREBOX_ALONE],
] as const

type Rounds = Map<string, LedgerLoad[]>

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const server = await startLedgerServer()
  try {
    const contenders = await openContenders(server)
    const tally = new Map(contenders.map(({ name }) => [name, 0]))
    const load = async (contender: Contender, scenario: Scenario, debits: number) => {
      const { part, wallets } = scenario
      const measured = await runLedgerLoad(contender, part, wallets(contender), debits, server.pid)
      tally.set(contender.name, tally.get(contender.name)! + debits)
      return measured
    }
    const result: BenchResult = { rows: [], ratios: [], notes: [] }
    for (const scenario of SCENARIOS) {
      progress(`ledger: ${scenario.what}`)
      const rounds = await measure(contenders, scenario, isQuick ? QUICK_PACE : DEFAULT_PACE, load)
      summarize(scenario, contenders, rounds, result)
    }
    progress('ledger: verify')
    for (const contender of contenders) await contender.verify(tally.get(contender.name)!)
    result.notes.push('every contender: ledger verify is clean, with one usage event a debit')
    for (const contender of contenders) await contender.close()
    return result
  } finally {
    await server.stop()
  }
}

/** Contenders take turns within each round, and each round begins with another one: drift of the machine meets them all. */
async function measure(
  contenders: Contender[],
  scenario: Scenario,
  pace: Pace,
  load: (contender: Contender, scenario: Scenario, debits: number) => Promise<LedgerLoad>,
): Promise<Rounds> {
  const rates = new Map<string, number>()
  const runFor = async (contender: Contender, durationMs: number) => {
    const rate = rates.get(contender.name)
    const debits = rate === undefined ? contender.inFlight * FIRST_DEBITS_EACH : Math.round((rate * durationMs) / 1_000)
    const measured = await load(contender, scenario, Math.min(Math.max(debits, DEBITS_MIN), DEBITS_MAX))
    rates.set(contender.name, measured.debitsPerSecond)
    return measured
  }
  for (const contender of contenders) {
    await runFor(contender, pace.warmUpMs)
    await runFor(contender, pace.warmUpMs)
  }
  const rounds: Rounds = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < pace.rounds; round += 1) {
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]!)
    for (const contender of order) rounds.get(contender.name)?.push(await runFor(contender, pace.measureMs))
  }
  return rounds
}

function summarize(scenario: Scenario, contenders: Contender[], rounds: Rounds, result: BenchResult): void {
  const { what, ratioMin } = scenario
  for (const { name, inFlight } of contenders) {
    result.rows.push(summarizeContender(what, name, inFlight, rounds.get(name)!))
  }
  for (const [of, to] of COMPARISONS) result.ratios.push(...compare(what, of, rounds.get(of)!, to, rounds.get(to)!))
  const reached = result.ratios.find((ratio) => ratio.what === what && ratio.to === ONE_BY_ONE)?.value ?? 0
  result.notes.push(
    `${what}: ${reached} times one-by-one, to reach: ${ratioMin}${reached < ratioMin ? ' (missed)' : ''}`,
  )
}

function summarizeContender(what: string, target: string, inFlight: number, loads: LedgerLoad[]): Row {
  const middle = (pick: (load: LedgerLoad) => number) => rounded(median(loads.map(pick)))
  return {
    what,
    target,
    'in flight': inFlight,
    'debits/s': Math.round(median(loads.map((load) => load.debitsPerSecond))),
    'p50 ms': middle((load) => load.p50Ms),
    'p99 ms': middle((load) => load.p99Ms),
    'Node CPU µs/debit': middle((load) => load.nodeMicrosecondsPerDebit),
    'PostgreSQL CPU µs/debit': middle((load) => load.postgresMicrosecondsPerDebit ?? 0) || null,
    debits: loads.reduce((sum, load) => sum + load.debits, 0),
  }
}

/** The median of the rounds' own ratios: both sides of each come from the same few seconds. */
function compare(what: string, of: string, left: LedgerLoad[], to: string, right: LedgerLoad[]): Ratio[] {
  const ratio = (pick: (load: LedgerLoad) => number | null): number | null => {
    const values = left.map((load, round) => (pick(load) ?? Number.NaN) / (pick(right[round]!) || Number.NaN))
    return values.every(Number.isFinite) ? rounded(median(values)) : null
  }
  return [
    { what, figure: 'debits/s', of, to, value: ratio((load) => load.debitsPerSecond) },
    { what, figure: 'CPU/debit', of, to, value: ratio(cpuPerDebit) },
  ]
}

function cpuPerDebit({ nodeMicrosecondsPerDebit, postgresMicrosecondsPerDebit }: LedgerLoad): number | null {
  return postgresMicrosecondsPerDebit === null ? null : nodeMicrosecondsPerDebit + postgresMicrosecondsPerDebit
}
