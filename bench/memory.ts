import { type Bench, type BenchOptions, type BenchResult, median, type Row, rounded } from './support/bench.ts'
import { checkTarget } from './support/chat-request.ts'
import { startFarebox } from './support/farebox.ts'
import { type LoadGenerator, startLoadGenerator } from './support/load.ts'
import { type MemorySample, sampleMemory, slopePerMs } from './support/memory-samples.ts'
import { stopAllProcesses } from './support/processes.ts'
import { startPassThrough, startUpstream, type Target } from './support/target.ts'

/** Does memory grow with the number of requests served? Farebox beside a pass-through that keeps nothing. */
export const memory: Bench = { name: 'memory', run }

const DEFAULT_REQUESTS = { warmUp: 20_000, measured: 200_000 }
const QUICK_REQUESTS = { warmUp: 2_000, measured: 10_000 }
type Requests = typeof DEFAULT_REQUESTS

const CONNECTIONS = 32
/** Ends a run whose target is much slower than expected. */
const RUN_MS_MAX = 150_000
const BYTES_PER_MEBIBYTE = 1_048_576

async function run({ isQuick, progress }: BenchOptions): Promise<BenchResult> {
  try {
    const upstream = await startUpstream()
    const started = [await startPassThrough(upstream), await startFarebox(upstream)]
    const generator = await startLoadGenerator()
    const result: BenchResult = { rows: [], ratios: [], notes: [] }
    for (const target of started) {
      if ('reason' in target) {
        result.notes.push(`${target.name}: ${target.reason}`)
        continue
      }
      progress(`memory: ${target.name}`)
      await checkTarget(target)
      result.rows.push(await measure(generator, target, isQuick ? QUICK_REQUESTS : DEFAULT_REQUESTS))
      await target.stop()
    }
    return result
  } finally {
    await stopAllProcesses()
  }
}

async function measure(generator: LoadGenerator, target: Target, requests: Requests): Promise<Row> {
  const plan = { isStream: false, connections: CONNECTIONS, warmUpMs: 0, measureMs: RUN_MS_MAX }
  await generator.run(target, { ...plan, requestsMax: requests.warmUp })
  const sampling = sampleMemory(target)
  const load = await generator.run(target, { ...plan, requestsMax: requests.measured })
  const samples = await sampling.end()
  const resident = samples.map((sample) => sample.residentBytes)
  const per100k = (load.durationMs / Math.max(load.requests, 1)) * 100_000
  return {
    target: target.name,
    requests: load.requests,
    failures: load.failures,
    'requests/s': Math.round(load.requestsPerSecond),
    'RSS start MiB': mebibytes(resident[0]),
    'RSS end MiB': mebibytes(resident.at(-1)),
    'RSS peak MiB': mebibytes(Math.max(...resident)),
    'RSS slope MiB/100k': growth(samples, (sample) => sample.residentBytes, per100k),
    'heap start MiB': mebibytes(heapMedian(samples.slice(0, Math.ceil(samples.length / 5)))),
    'heap end MiB': mebibytes(heapMedian(samples.slice(-Math.ceil(samples.length / 5)))),
    'heap slope MiB/100k': growth(samples, (sample) => sample.heapBytes, per100k),
  }
}

/** Growth over the second half only, when caches and pools have their size. */
function growth(
  samples: MemorySample[],
  pick: (sample: MemorySample) => number | null,
  per100kMs: number,
): number | null {
  const slope = slopePerMs(samples.slice(samples.length >> 1), pick)
  return slope === null ? null : rounded((slope * per100kMs) / BYTES_PER_MEBIBYTE)
}

/** The heap saws between collections, so one sample says little. */
function heapMedian(samples: MemorySample[]): number | null {
  const known = samples.map(({ heapBytes }) => heapBytes).filter((bytes) => bytes !== null)
  return known.length > 0 ? median(known) : null
}

function mebibytes(bytes: number | null | undefined): number | null {
  return typeof bytes === 'number' && Number.isFinite(bytes) ? rounded(bytes / BYTES_PER_MEBIBYTE) : null
}
