import type { AuthorizeRequest } from '../../src/ledger/operations.ts'
import { Histogram } from './histogram.ts'
import type { Booker, Contender } from './ledger-contenders.ts'
import { captureOf, requestOf } from './ledger-requests.ts'
import { cpuTimeMs } from './process-usage.ts'

/** What is measured of a request: both its operations, or only its end, with holds that were made before. */
export type Part = 'request' | 'capture'

/** Well below what the ledger lets wait before it refuses. */
const HOLDS_AT_ONCE = 5_000

export interface LedgerLoad {
  debits: number
  debitsPerSecond: number
  p50Ms: number
  p99Ms: number
  nodeMicrosecondsPerDebit: number
  /** Null where there is no /proc. */
  postgresMicrosecondsPerDebit: number | null
}

/** Books so many requests on the wallets, as many at a time as the contender takes; throws when one is not booked. */
export async function runLedgerLoad(
  contender: Contender,
  part: Part,
  wallets: string[],
  debits: number,
  postgresPid: number,
): Promise<LedgerLoad> {
  const requests = Array.from({ length: debits }, () => requestOf(wallets[Math.floor(Math.random() * wallets.length)]!))
  if (part === 'capture') await reserveAll(contender.preparer, requests)
  const latency = new Histogram()
  const postgresBefore = cpuTimeMs(postgresPid)
  const nodeBefore = process.cpuUsage()
  const startedAt = performance.now()
  let next = 0
  const work = async (worker: number) => {
    const booker = contender.booker(worker)
    for (let index = next++; index < debits; index = next++) {
      const request = requests[index]!
      const since = performance.now()
      if (part === 'request') await reserve(booker, request)
      await capture(booker, request)
      latency.record(performance.now() - since)
    }
  }
  await Promise.all(Array.from({ length: contender.inFlight }, (_, worker) => work(worker)))
  const durationMs = performance.now() - startedAt
  const node = process.cpuUsage(nodeBefore)
  const postgresAfter = cpuTimeMs(postgresPid)
  const { p50, p99 } = latency.percentiles()
  return {
    debits,
    debitsPerSecond: (debits / durationMs) * 1_000,
    p50Ms: p50,
    p99Ms: p99,
    nodeMicrosecondsPerDebit: (node.user + node.system) / debits,
    postgresMicrosecondsPerDebit:
      postgresBefore === null || postgresAfter === null ? null : ((postgresAfter - postgresBefore) * 1_000) / debits,
  }
}

async function reserveAll(booker: Booker, requests: AuthorizeRequest[]): Promise<void> {
  for (let from = 0; from < requests.length; from += HOLDS_AT_ONCE) {
    await Promise.all(requests.slice(from, from + HOLDS_AT_ONCE).map((request) => reserve(booker, request)))
  }
}

async function reserve(booker: Booker, request: AuthorizeRequest): Promise<void> {
  const authorization = await booker.authorize(request)
  if (!authorization.granted) throw new Error(`a reservation was refused: ${authorization.reason}`)
}

async function capture(booker: Booker, request: AuthorizeRequest): Promise<void> {
  const { outcome } = await booker.resolve(captureOf(request))
  if (outcome !== 'booked') throw new Error(`a charge was not booked: ${outcome}`)
}
