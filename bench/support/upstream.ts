import { startSandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'

/** The provider behind every target, as a process of its own: the product's sandbox provider without delays. */
const provider = await startSandboxProvider()

process.on('disconnect', () => process.exit(0))
process.send?.({ port: provider.port })
