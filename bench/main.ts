import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { api } from './api.ts'
import { exports } from './exports.ts'
import { gateway } from './gateway.ts'
import { invoices } from './invoices.ts'
import { ledger } from './ledger.ts'
import { memory } from './memory.ts'
import { moneyIn } from './money-in.ts'
import { portal } from './portal.ts'
import { reports } from './reports.ts'
import type { Bench, BenchOptions, BenchResult } from './support/bench.ts'
import { killAllProcesses, projectPath, stopAllProcesses } from './support/processes.ts'
import { formatRatios, formatTable } from './support/table.ts'

/** `node bench/main.ts [--quick] [--only gateway,ledger]` */

const BENCHES: Bench[] = [gateway, ledger, memory, moneyIn, exports, invoices, reports, api, portal]

/** Set by Ctrl-C; half a run is not written over a whole one. */
let isInterrupted = false

type Report = { name: string; durationMs: number } & (BenchResult | { error: string })

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
  const chosen = chooseBenches(values.only)
  const options: BenchOptions = { isQuick: values.quick, progress: (line) => process.stderr.write(`${line}\n`) }
  const date = new Date().toISOString()
  const reports: Report[] = []
  for (const bench of chosen) {
    if (isInterrupted) break
    const report = await runBench(bench, options)
    reports.push(report)
    print(report)
  }
  if (isInterrupted) return
  await writeResults({ date, isQuick: values.quick, ...describeMachine(), benches: reports })
  if (reports.some((report) => 'error' in report)) process.exitCode = 1
}

function chooseBenches(only: string | undefined): Bench[] {
  const names = only?.split(',') ?? BENCHES.map(({ name }) => name)
  return names.map((name) => {
    const bench = BENCHES.find((candidate) => candidate.name === name)
    if (!bench)
      throw new Error(`No bench is called ${name}; there are ${BENCHES.map((known) => known.name).join(', ')}`)
    return bench
  })
}

/** One bench that fails does not take the figures of the others with it. */
async function runBench(bench: Bench, options: BenchOptions): Promise<Report> {
  const startedAt = performance.now()
  const outcome = await bench.run(options).catch((error: unknown) => ({ error: String(error) }))
  return { name: bench.name, durationMs: Math.round(performance.now() - startedAt), ...outcome }
}

function print(report: Report): void {
  console.log(`\n== ${report.name} (${Math.round(report.durationMs / 1000)} s)\n`)
  if ('error' in report) {
    console.log(report.error)
    return
  }
  if (report.rows.length > 0) console.log(`${formatTable(report.rows)}\n`)
  if (report.ratios.length > 0) console.log(`${formatRatios(report.ratios)}\n`)
  for (const note of report.notes) console.log(`note: ${note}`)
}

function describeMachine() {
  const cores = cpus()
  return { node: process.version, cpu: cores[0]?.model ?? 'unknown', cores: cores.length, memoryBytes: totalmem() }
}

async function writeResults(results: object): Promise<void> {
  const folder = projectPath('bench/results')
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/latest.json`, `${JSON.stringify(results, null, 2)}\n`)
  console.log('written: bench/results/latest.json')
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true
    void stopAllProcesses().finally(() => process.exit(130))
  })
}
process.once('exit', killAllProcesses)
await main()
