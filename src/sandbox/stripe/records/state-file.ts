import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { StripeAccount } from './stripe-account.ts'

/** Changes are gathered for so long before they are written. */
const GATHER_MS = 500
/** A large state is written so seldom that writing takes at most this share of the time. */
const WRITING_SHARE_MAX = 0.1

const TABLES = [
  'customers',
  'taxIds',
  'sessions',
  'paymentIntents',
  'setupIntents',
  'paymentMethods',
  'charges',
  'refunds',
  'disputes',
  'events',
  'deliveries',
  'replies',
  'paymentMethodFacts',
  'checkoutFacts',
  'doomedRefunds',
] as const

const row = z.looseObject({ id: z.string() })
const stateSchema = z.object({
  version: z.literal(1),
  /** Where the hosted pages were when this was written; their addresses are all over the rows. */
  origin: z.string().min(1),
  tables: z.partialRecord(z.enum(TABLES), z.array(row)),
})

/**
 * Reads the state; a missing file is an empty one. Addresses of hosted pages are moved to where they are now. Throws on a
 * file that is something else.
 */
export async function readState(account: StripeAccount, path: string): Promise<void> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const written = stateSchema.parse(JSON.parse(text))
  const hasMoved = written.origin !== account.origin
  const { tables } = hasMoved ? stateSchema.parse(JSON.parse(text.replaceAll(written.origin, account.origin))) : written
  // The rows were written by this module, so the tables know their form.
  for (const name of TABLES) for (const object of tables[name] ?? []) account[name].save(object as never)
}

/** Writes the state off the way of requests: gathered, whole or not at all. */
export class StateFile {
  private readonly account: StripeAccount
  private readonly path: string
  private readonly report: (error: Error) => void
  private timer: NodeJS.Timeout | null = null
  private writing: Promise<void> = Promise.resolve()
  private waitMs = GATHER_MS

  constructor(account: StripeAccount, path: string, report: (error: Error) => void) {
    this.account = account
    this.path = path
    this.report = report
  }

  /** Notes that something changed. */
  touch(): void {
    if (this.timer) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.writing = this.writing.then(() => this.write()).catch(this.report)
    }, this.waitMs)
    this.timer.unref()
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    await this.writing
    await this.write()
  }

  private async write(): Promise<void> {
    const startedAt = performance.now()
    const tables = Object.fromEntries(TABLES.map((name) => [name, this.account[name].values()]))
    const text = JSON.stringify({ version: 1, origin: this.account.origin, tables })
    this.waitMs = Math.max(GATHER_MS, (performance.now() - startedAt) / WRITING_SHARE_MAX)
    const draft = `${this.path}.${process.pid}.new`
    await mkdir(dirname(this.path), { recursive: true })
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, this.path)
  }
}
