import {
  type Bench,
  type BenchOptions,
  type BenchResult,
  median,
  type Ratio,
  type Row,
  rounded,
} from './support/bench.ts'
import { checkTarget } from './support/chat-request.ts'
import { startFarebox } from './support/farebox.ts'
import { type LoadGenerator, type LoadPlan, startLoadGenerator, type TargetLoad } from './support/load.ts'
import { startPortkey } from './support/portkey.ts'
import { stopAllProcesses } from './support/processes.ts'
import { type MissingTarget, startPassThrough, startUpstream, type Target } from './support/target.ts'

/** What does full billing cost on top of forwarding? Farebox beside a bare pass-through, a peer, and the upstream itself. */
export const gateway: Bench = { name: 'gateway', run }

interface Scenario {
  what: string
  isStream: boolean
  connections: number
}

const SCENARIOS: Scenario[] = [
  { what: 'whole reply, 1 connection', isStream: false, connections: 1 },
  { what: 'whole reply, 64 connections', isStream: false, connections: 64 },
  { what: 'stream, 1 connection', isStream: true, connections: 1 },
  { what: 'stream, 64 connections', isStream: true, connections: 64 },
]

/** Chosen so that the default run stays under three minutes with four targets and four scenarios. */
const DEFAULT_PACE = { rounds: 3, compileMs: 2_500, warmUpMs: 400, measureMs: 2_000 }
const QUICK_PACE = { rounds: 1, compileMs: 500, warmUpMs: 300, measureMs: 1_000 }
type Pace = typeof DEFAULT_PACE

const REQUESTS_MAX = 1_000_000
/** A target that refuses more than one request in a hundred was not measured but broken. */
const FAILURE_SHARE_MAX = 0.01

const COMPARISONS = [
  ['farebox', 'pass-through'],
  ['farebox', 'portkey'],
  ['portkey', 'pass-through'],
  ['pass-through', 'upstream'],
] as const

/** Told with the figures, for its streams on one connection would otherwise flatter everybody else. */
const PORTKEY_NOTE =
  'portkey waits 25 ms before the first chunk of a stream on purpose: compare its streams by CPU per request'

type Rounds = Map<string, TargetLoad[]>

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  try {
    const upstream = await startUpstream()
    const started = [
      upstream,
      await startPassThrough(upstream),
      await startFarebox(upstream),
      await startPortkey(upstream),
    ]
    const targets = started.filter((target): target is Target => 'port' in target)
    const missing = started.filter((target): target is MissingTarget => 'reason' in target)
    for (const target of targets) await checkTarget(target)
    const generator = await startLoadGenerator()
    const result: BenchResult = { rows: [], ratios: [], notes: missing.map(({ name, reason }) => `${name}: ${reason}`) }
    if (targets.some(({ name }) => name === 'portkey')) result.notes.push(PORTKEY_NOTE)
    const pace = isQuick ? QUICK_PACE : DEFAULT_PACE
    await warmUp(generator, targets, pace)
    for (const scenario of SCENARIOS) {
      progress(`gateway: ${scenario.what}`)
      const rounds = await measure(generator, targets, scenario, pace)
      summarize(scenario, rounds, result)
    }
    for (const target of targets) await target.stop()
    return result
  } finally {
    await stopAllProcesses()
  }
}

/** Lets the compiler see both paths of every target before anything counts; cold ones are two to three times slower. */
async function warmUp(generator: LoadGenerator, targets: Target[], { compileMs }: Pace): Promise<void> {
  const plan = { connections: 64, warmUpMs: 0, measureMs: compileMs, requestsMax: REQUESTS_MAX }
  for (const target of targets) {
    for (const isStream of [false, true]) await generator.run(target, { ...plan, isStream })
  }
}

/** Targets take turns within each round, and each round begins with another one: drift of the machine meets them all. */
async function measure(generator: LoadGenerator, targets: Target[], scenario: Scenario, pace: Pace): Promise<Rounds> {
  const { isStream, connections } = scenario
  const rounds: Rounds = new Map(targets.map(({ name }) => [name, []]))
  for (let round = 0; round < pace.rounds; round += 1) {
    const plan: LoadPlan = {
      isStream,
      connections,
      warmUpMs: pace.warmUpMs,
      measureMs: pace.measureMs,
      requestsMax: REQUESTS_MAX,
    }
    const order = targets.map((_, index) => targets[(index + round) % targets.length]!)
    for (const target of order) rounds.get(target.name)?.push(await generator.run(target, plan))
  }
  return rounds
}

function summarize({ what }: Scenario, rounds: Rounds, result: BenchResult): void {
  for (const [target, loads] of rounds) {
    result.rows.push(summarizeTarget(what, target, loads))
    const reasons = loads.flatMap(({ failureReasons }) => Object.keys(failureReasons))
    if (reasons.length > 0) result.notes.push(`${target}, ${what}: ${[...new Set(reasons)].join('; ')}`)
  }
  for (const [of, to] of COMPARISONS) {
    const left = rounds.get(of)
    const right = rounds.get(to)
    if (left && right) result.ratios.push(...compare(what, of, left, to, right))
  }
}

function summarizeTarget(what: string, target: string, loads: TargetLoad[]): Row {
  const middle = (pick: (load: TargetLoad) => number) => rounded(median(loads.map(pick)))
  return {
    what,
    target,
    'requests/s': Math.round(median(loads.map((load) => load.requestsPerSecond))),
    'p50 ms': middle((load) => load.latencyMs.p50),
    'p90 ms': middle((load) => load.latencyMs.p90),
    'p99 ms': middle((load) => load.latencyMs.p99),
    'first byte p50 ms': middle((load) => load.firstByteMs.p50),
    'CPU µs/request': middle((load) => load.cpuMicrosecondsPerRequest ?? 0) || null,
    requests: loads.reduce((sum, load) => sum + load.requests, 0),
    failures: loads.reduce((sum, load) => sum + load.failures, 0),
  }
}

/** The median of the rounds' own ratios: both sides of each come from the same few seconds. */
function compare(what: string, of: string, left: TargetLoad[], to: string, right: TargetLoad[]): Ratio[] {
  const isSound = [...left, ...right].every((load) => load.failures <= load.requests * FAILURE_SHARE_MAX)
  const ratio = (pick: (load: TargetLoad) => number | null): number | null => {
    const values = left.map((load, round) => (pick(load) ?? 0) / (pick(right[round]!) || Number.NaN))
    return isSound && values.every(Number.isFinite) ? rounded(median(values)) : null
  }
  return [
    { what, figure: 'requests/s', of, to, value: ratio((load) => load.requestsPerSecond) },
    { what, figure: 'p50', of, to, value: ratio((load) => load.latencyMs.p50) },
    { what, figure: 'p99', of, to, value: ratio((load) => load.latencyMs.p99) },
    { what, figure: 'CPU/request', of, to, value: ratio((load) => load.cpuMicrosecondsPerRequest) },
  ]
}
