import type { Config } from './config.ts'
import type { DemoLogins } from './sandbox/demo/demo-logins.ts'

export interface GreetingFacts {
  config: Config
  port: number
  /** Null without the sandbox. */
  logins: DemoLogins | null
}

const DEMO_MODEL = 'gpt-4o-mini'

/** What a person sees once everything is up: addresses, logins, and a first request to paste. */
export function greeting({ config, port, logins }: GreetingFacts): string {
  const baseUrl = `http://${config.host}:${port}`
  const lines = ['', `Farebox is up at ${baseUrl}`, '']
  if (!logins) return `${lines.join('\n')}\n`
  lines.push(
    'SANDBOX: models are simulated and money is play money. Set STRIPE_SECRET_KEY to leave it.',
    '',
    ...table([
      ['who', 'email', 'password', 'access key'],
      ['operator', logins.operator.email, logins.operator.password, ''],
      ['finance', logins.finance.email, logins.finance.password, ''],
      ['finance, second', logins.finance2.email, logins.finance2.password, ''],
      ['support', logins.support.email, logins.support.password, ''],
      ['reseller', logins.reseller.email, logins.reseller.password, ''],
      ['customer', logins.customer.email, logins.customer.password, logins.customer.accessKey],
      [
        "reseller's customer",
        logins.resellerCustomer.email,
        logins.resellerCustomer.password,
        logins.resellerCustomer.accessKey,
      ],
    ]),
    '',
    `Also in ${config.dataDirectory}/demo.json. Sign in at ${baseUrl}/sign-in: customers come to their pages, the others to`,
    `${baseUrl}/admin. The API is explained at ${baseUrl}/docs/api. Your first request:`,
    '',
    `  curl -i ${baseUrl}/v1/chat/completions \\`,
    `    -H 'Authorization: Bearer ${logins.customer.accessKey}' \\`,
    `    -H 'Content-Type: application/json' \\`,
    `    -d '{"model":"${DEMO_MODEL}","messages":[{"role":"user","content":"What is a toll booth?"}]}'`,
    '',
    'Buy credits on a simulated payment page (card 4242 4242 4242 4242): open the url that this answers with.',
    '',
    `  curl -X POST ${baseUrl}/credits/checkout-session \\`,
    `    -H 'Authorization: Bearer ${logins.customer.accessKey}' \\`,
    `    -H 'Content-Type: application/json' -d '{"amount":2500}'`,
    '',
    'Stop with Ctrl-C; the data stays.',
    '',
  )
  return `${lines.join('\n')}\n`
}

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
