import { type RequestKind, rawRequest } from './chat-request.ts'
import type { LoadJob, LoadMessage, LoadResult } from './load-job.ts'
import { cpuTimeMs } from './process-usage.ts'
import { firstMessage, projectPath, type StartedProcess, startProcess } from './processes.ts'
import type { Target } from './target.ts'

/** The request is the one of all targets, unless one is named: its head and body as they are sent. */
export type LoadPlan = Omit<LoadJob, 'host' | 'port' | 'request'> & RequestKind & Partial<Pick<LoadJob, 'request'>>

/** A load result with the CPU time that the target's processes took for each request, where it can be read. */
export interface TargetLoad extends LoadResult {
  cpuMicrosecondsPerRequest: number | null
}

/** The running load generator. */
export interface LoadGenerator {
  run(target: Target, plan: LoadPlan): Promise<TargetLoad>
  stop(): Promise<void>
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const program = [projectPath('bench/support/load-generator.ts')]
  const started = startProcess({ name: 'load generator', arguments: program, hasChannel: true })
  await firstMessage<LoadMessage>(started)
  return { run: (target, plan) => runLoad(started, target, plan), stop: started.stop }
}

function runLoad(generator: StartedProcess, target: Target, plan: LoadPlan): Promise<TargetLoad> {
  const { isStream, request = rawRequest(target, { isStream }), ...limits } = plan
  const job: LoadJob = { host: '127.0.0.1', port: target.port, request, ...limits }
  return new Promise((resolve, reject) => {
    let cpuBefore: number | null = null
    const receive = (message: LoadMessage) => {
      if (message.kind === 'measuring') cpuBefore = cpuTimeMs(target.pid)
      if (message.kind !== 'done' && message.kind !== 'failed') return
      generator.child.off('message', receive)
      generator.child.off('exit', fail)
      if (message.kind === 'failed') return reject(new Error(`load on ${target.name}: ${message.message}`))
      const cpuAfter = cpuTimeMs(target.pid)
      const { result } = message
      const isKnown = cpuBefore !== null && cpuAfter !== null && result.requests > 0
      const cpuMicrosecondsPerRequest = isKnown ? ((cpuAfter! - cpuBefore!) * 1000) / result.requests : null
      resolve({ ...result, cpuMicrosecondsPerRequest })
    }
    const fail = () => reject(new Error(`the load generator ended:\n${generator.output()}`))
    generator.child.on('message', receive)
    generator.child.once('exit', fail)
    generator.child.send(job)
  })
}
