import OpenAI from 'openai'
import { type SandboxProvider, startSandboxProvider } from '../../src/sandbox/provider/start-sandbox-provider.ts'

/** A provider and the official SDK pointed at it, without retries so that each fault is seen. */
export async function startWithClient(
  options: Parameters<typeof startSandboxProvider>[0] = {},
): Promise<{ provider: SandboxProvider; client: OpenAI }> {
  const provider = await startSandboxProvider(options)
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: provider.baseUrl, maxRetries: 0 })
  return { provider, client }
}

/** A request body with one user message. */
export function ask(content: string) {
  return { model: 'sandbox-model', messages: [{ role: 'user' as const, content }] }
}

/** All chunks of a stream, and the error that ended it, if any. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<{ chunks: T[]; error: unknown }> {
  const chunks: T[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
    return { chunks, error: null }
  } catch (error) {
    return { chunks, error }
  }
}
