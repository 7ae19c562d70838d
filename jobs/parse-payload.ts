import { UnrecoverableError } from 'bullmq'
import { z } from 'zod'
import type { JobKind } from './queues.ts'

/**
 * What came out of a queue, checked.
 * @throws UnrecoverableError when it is not what the schema says: another try would find the same.
 */
export function parsePayload<Schema extends z.ZodType>(kind: JobKind, schema: Schema, data: unknown): z.output<Schema> {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  throw new UnrecoverableError(`The payload of a job of kind ${kind} is wrong: ${z.prettifyError(result.error)}`)
}
