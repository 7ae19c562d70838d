import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Behaviour, BehaviourChange } from './behaviour.ts'
import { ProviderState } from './provider-state.ts'
import type { RequestCounters } from './request-log.ts'
import { routeRequest } from './route-request.ts'

export interface SandboxProviderOptions {
  /** 0, the default, lets the system choose. */
  port?: number
  /** Model names that exist; without them any name is served. */
  models?: readonly string[]
  /** Seed of the simulated faults. */
  seed?: number
  behaviour?: BehaviourChange
}

export interface SandboxProvider {
  /** Ends in `/v1`, as an OpenAI client expects. */
  baseUrl: string
  port: number
  requests(): RequestCounters
  behaviour(): Behaviour
  setBehaviour(change: BehaviourChange): void
  /** Cuts what is still running and frees the port. */
  close(): Promise<void>
}

/** Above the keep-alive of usual clients, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 75_000
const FAULT_SEED = 1

/** Starts a simulated provider that speaks OpenAI's protocol on 127.0.0.1. */
export async function startSandboxProvider(options: SandboxProviderOptions = {}): Promise<SandboxProvider> {
  const state = new ProviderState(options.models ?? null, options.seed ?? FAULT_SEED, options.behaviour ?? {})
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) =>
    routeRequest(request, response, state),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests: () => state.log.counters(),
    behaviour: () => state.behaviour,
    setBehaviour: (change) => state.changeBehaviour(change),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
