import { readFile, writeFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { applyCatalog } from './catalog/apply-catalog.ts'
import { type CatalogFile, parseCatalogFile } from './catalog/catalog-file.ts'
import { diffCatalog } from './catalog/diff-catalog.ts'
import { exportCatalog } from './catalog/export-catalog.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { type Database, joinDatabase } from './db/open-database.ts'
import { monthStatement, STATEMENT_FORMATS } from './exports/month-statement.ts'
import { addTaxRate } from './invoicing/add-tax-rate.ts'
import { openDocumentStorage } from './invoicing/document-storage.ts'
import { addExchangeRate } from './invoicing/exchange-rate.ts'
import { formatInvoiceReport, verifyInvoices } from './invoicing/verify/verify-invoices.ts'
import { formatVerifyReport } from './ledger/verify/verify-ledger.ts'
import { systemClock } from './lib/clock.ts'
import { readIfPresent } from './lib/private-file.ts'
import { parseDecimalNano } from './money/nano.ts'
import { formatReconciliation, RECONCILE_DAYS, reconcile } from './orders/stripe/reconcile.ts'
import { openStripeAccount, type StripeAccess } from './orders/stripe/stripe-client.ts'
import { platformSecret } from './platform-secret.ts'
import { stripeAccessOf } from './processes.ts'
import { sandboxStripeAddressFile } from './sandbox/sandbox-stripe-access.ts'
import { verifyBooks } from './verify-books.ts'

/** What a command that failed by its own findings exits with. */
const EXIT_FINDINGS = 1

interface Session {
  client: pg.Client
  connectionString: string
  config: Config
  secret: string
}

/** Gives a command the database of the settings: the running Farebox's own, or one started for it alone. */
async function withDatabase(work: (session: Session) => Promise<void>): Promise<void> {
  const config = readConfig()
  const dataDirectory = resolve(config.dataDirectory)
  const say = (message: string): void => {
    process.stderr.write(`${message}\n`)
  }
  const database: Database = await joinDatabase({
    databaseUrl: config.databaseUrl,
    dataDirectory,
    logger: { info: say, warn: say },
  })
  const client = new pg.Client({ connectionString: database.connectionString, application_name: 'farebox-cli' })
  try {
    await client.connect()
    const { connectionString } = database
    await work({ client, connectionString, config, secret: await platformSecret(config.secret, dataDirectory) })
  } finally {
    await client.end()
    await database.stop()
  }
}

/** Stripe itself, or the simulator of the Farebox that runs on this data directory. */
async function stripeAccessBeside(config: Config, secret: string): Promise<StripeAccess> {
  if (!config.isSandbox || config.sandboxStripeUrl !== null) return stripeAccessOf(config, secret)
  const url = await readIfPresent(sandboxStripeAddressFile(resolve(config.dataDirectory)))
  if (url === null) {
    throw new Refused([
      'STRIPE_SECRET_KEY is not set, and no Farebox with a simulated Stripe is running here: start it first.',
    ])
  }
  return stripeAccessOf({ ...config, sandboxStripeUrl: url.trim() }, secret)
}

async function readCatalog(path: string): Promise<CatalogFile> {
  const parsed = parseCatalogFile(await readFile(path, 'utf8'), path)
  if (parsed.ok) return parsed.file
  throw new Refused(parsed.problems)
}

/** A refusal that has been put in words already. */
class Refused extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
  }
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

const program = new Command('farebox').description('The toll booth of an LLM gateway')

program
  .command('start')
  .description('start everything (as npm start does)')
  .action(async () => {
    await import('./main.ts')
  })

program
  .command('migrate')
  .description('bring the database up to date')
  .action(() => withDatabase(async () => print(['The database is up to date.'])))

const catalog = program.command('catalog').description('providers, models, routes and prices as a YAML file')

catalog
  .command('diff FILE')
  .description('show what applying the file would change')
  .action((path: string) =>
    withDatabase(async ({ client, secret }) => {
      const diff = await diffCatalog(client, await readCatalog(path), { secret, clock: systemClock })
      print(diff.lines)
      if (!diff.changed) print(['Nothing would change.'])
      if (diff.breaches.length > 0) print(['Under the margin floor (needs --acknowledge REASON):', ...diff.breaches])
      if (diff.problems.length > 0) throw new Refused(diff.problems)
    }),
  )

catalog
  .command('apply FILE')
  .description('make the database say what the file says; prices become new versions, nothing is deleted')
  .option('--acknowledge <reason>', 'accept prices under the margin floor, and say why')
  .action((path: string, { acknowledge }: { acknowledge?: string }) =>
    withDatabase(async ({ client, secret }) => {
      const file = await readCatalog(path)
      const options = { secret, clock: systemClock, ...(acknowledge !== undefined && { acknowledge }) }
      const result = await applyCatalog(client, file, options)
      if (!result.ok) throw new Refused(result.problems)
      print([...result.lines, result.changed ? 'Applied.' : 'Nothing to change.'])
    }),
  )

catalog
  .command('export FILE')
  .description('write the catalog as it stands, without secrets')
  .action((path: string) =>
    withDatabase(async ({ client }) => {
      await writeFile(path, await exportCatalog(client, { clock: systemClock }))
      print([`Wrote ${path}.`])
    }),
  )

program
  .command('stripe')
  .description('the payment provider')
  .command('reconcile')
  .description('compare orders with Stripe both ways, book what was missed; exits with 1 when a person is needed')
  .option('--days <days>', 'compare what is not older than so many days', String(RECONCILE_DAYS))
  .action(({ days }: { days: string }) => {
    if (!/^[1-9]\d{0,3}$/.test(days))
      throw new Refused([`--days is '${days}': expected a whole number from 1 to 9999.`])
    return withDatabase(async ({ connectionString, config, secret }) => {
      const pool = new pg.Pool({ connectionString, max: 2, application_name: 'farebox-cli' })
      try {
        const stripe = openStripeAccount(await stripeAccessBeside(config, secret))
        const found = await reconcile(
          { pool, clock: systemClock, stripe },
          { days: Number(days), progress: (message) => process.stderr.write(`${message} …\n`) },
        )
        print(formatReconciliation(found))
        if (found.unresolved.length > 0) process.exitCode = EXIT_FINDINGS
      } finally {
        await pool.end()
      }
    })
  })

program
  .command('invoices')
  .description('invoices and credit notes')
  .command('verify')
  .description(
    'prove numbers, totals, orders, hashes and renderings of all documents; exits with 1 when anything is wrong',
  )
  .action(() =>
    withDatabase(async ({ connectionString, config }) => {
      const pool = new pg.Pool({ connectionString, max: 2, application_name: 'farebox-cli' })
      try {
        const location = config.documentStorage ?? join(resolve(config.dataDirectory), 'documents')
        const storage = openDocumentStorage({ location, credentials: null })
        const progress = (documents: number): void => {
          process.stderr.write(`${documents} documents …\n`)
        }
        const report = await verifyInvoices({ pool, storage }, progress)
        print(formatInvoiceReport(report))
        if (!report.ok) process.exitCode = EXIT_FINDINGS
      } finally {
        await pool.end()
      }
    }),
  )

program
  .command('tax-rate')
  .description('rates of taxes')
  .command('add TERRITORY PERCENT FROM')
  .description('add a rate that holds from a day on, such as: tax-rate add DE 19 2027-01-01 --source "…"')
  .requiredOption('--source <text>', 'the law or publication that says so')
  .action((territory: string, percent: string, from: string, { source }: { source: string }) =>
    withDatabase(async ({ client }) => {
      if (!/^\d{1,3}(\.\d{1,2})?$/.test(percent))
        throw new Refused([`PERCENT is '${percent}': expected a rate such as 19 or 25.5.`])
      const rateBps = Number(parseDecimalNano(percent) / 10_000_000n)
      const row = await addTaxRate(client, systemClock, { territory, rateBps, from, source })
      print([`${row.territory}: ${percent} % from ${row.from} on.`])
    }),
  )

program
  .command('exchange-rate')
  .description('rates between currencies, by which tax is stated in the currency of its country')
  .command('add FROM TO RATE DATE')
  .description(
    'add the rate that was published for a day, such as: exchange-rate add USD EUR 0.92310 2026-11-20 --source ECB',
  )
  .requiredOption('--source <text>', 'who published it: it is printed on invoices')
  .action((from: string, to: string, rate: string, date: string, { source }: { source: string }) =>
    withDatabase(async ({ client }) => {
      const added = await addExchangeRate(client, systemClock, { from, to, rate, date, source })
      print([`1 ${added.from} = ${added.rate} ${added.to} from ${added.date} on (${added.source}).`])
    }),
  )

program
  .command('statement')
  .description('statements of accounts')
  .command('export ACCOUNT_SLUG MONTH FILE')
  .description('write the statement of a month (UTC), such as 2026-11, as CSV or PDF by the ending of the file')
  .action((slug: string, month: string, path: string) =>
    withDatabase(async ({ connectionString }) => {
      const format = STATEMENT_FORMATS.find((one) => extname(path).toLowerCase() === `.${one}`)
      if (!format) throw new Refused([`FILE is '${path}': expected a name that ends in .csv or .pdf.`])
      const pool = new pg.Pool({ connectionString, max: 2, application_name: 'farebox-cli' })
      try {
        const { rows } = await pool.query<{ id: string }>('SELECT id FROM account WHERE slug = $1', [slug])
        const [account] = rows
        if (!account) throw new Refused([`There is no account '${slug}'.`])
        const { content } = await monthStatement({ pool, clock: systemClock }, account.id, month, format)
        await writeFile(path, content)
        print([`Wrote ${path}.`])
      } finally {
        await pool.end()
      }
    }),
  )

program
  .command('ledger')
  .description('the book of all balances')
  .command('verify')
  .description('prove every balance, lot, hold, entry and hash; exits with 1 when anything is wrong')
  .action(() =>
    withDatabase(async ({ client }) => {
      const report = await verifyBooks(client)
      process.stdout.write(`${formatVerifyReport(report)}\n`)
      if (!report.ok) process.exitCode = EXIT_FINDINGS
    }),
  )

program.parseAsync().catch((error: unknown) => {
  const known = error instanceof Refused || error instanceof ConfigError
  process.stderr.write(`${known || !(error instanceof Error) ? String((error as Error).message) : error.message}\n`)
  process.exitCode = 1
})
