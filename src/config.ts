import { z } from 'zod'
import { isCurrencyCode } from './money/currency-codes.ts'
import { NANO_PER_CENT, parseDecimalNano } from './money/nano.ts'

export const ROLES = ['gateway', 'api', 'portal', 'admin', 'worker'] as const
export type Role = (typeof ROLES)[number]

const DATA_DIRECTORY = '.farebox'
const SECRET_LENGTH_MIN = 16
const PROCESSES_MAX = 256
const PROXIES_MAX = 10

/** An empty variable is as good as none: shells and compose files leave them behind. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

const url = (protocols: RegExp, expected: string) => z.url({ protocol: protocols, error: `expected ${expected}` })

const wholeNumber = (from: number, to: number) =>
  z.coerce
    .number({ error: `expected a whole number from ${from} to ${to}` })
    .int({ error: `expected a whole number from ${from} to ${to}` })
    .min(from, { error: `expected a whole number from ${from} to ${to}` })
    .max(to, { error: `expected a whole number from ${from} to ${to}` })

const roles = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !(ROLES as readonly string[]).includes(name))
  if (unknown.length === 0) return names as Role[]
  context.addIssue({ code: 'custom', message: `expected some of ${ROLES.join(', ')}, not '${unknown.join(', ')}'` })
  return z.NEVER
})

const decimalNano = z.string().transform((text, context) => {
  try {
    const nano = parseDecimalNano(text)
    if (nano >= 0n) return nano
  } catch {
    // Said below, in the same words as for a negative one.
  }
  context.addIssue({ code: 'custom', message: 'expected a decimal amount such as 0.05' })
  return z.NEVER
})

const cents = decimalNano.transform((nano, context) => {
  if (nano % NANO_PER_CENT === 0n) return nano / NANO_PER_CENT
  context.addIssue({
    code: 'custom',
    message: 'expected a decimal amount such as 1000.00, with at most two digits after the point',
  })
  return z.NEVER
})

const variables = z.object({
  NODE_ENV: optional(z.string()),
  PORT: optional(wholeNumber(0, 65_535)).transform((port) => port ?? 3000),
  HOST: optional(z.string()).transform((host) => host ?? '127.0.0.1'),
  DATABASE_URL: optional(url(/^postgres(ql)?$/, 'a URL such as postgres://user:password@host:5432/farebox')),
  REDIS_URL: optional(url(/^rediss?$/, 'a URL such as redis://127.0.0.1:6379')),
  FAREBOX_DATA_DIR: optional(z.string()).transform((directory) => directory ?? DATA_DIRECTORY),
  FAREBOX_SECRET: optional(
    z.string().min(SECRET_LENGTH_MIN, { error: `expected at least ${SECRET_LENGTH_MIN} characters of random text` }),
  ),
  FAREBOX_SANDBOX_PROVIDER_URL: optional(url(/^https?$/, 'a URL such as http://127.0.0.1:4000/v1')),
  STRIPE_SECRET_KEY: optional(
    z.string().regex(/^(sk|rk)_(test|live)_/, {
      error: 'expected a key that begins with sk_test_, sk_live_, rk_test_ or rk_live_',
    }),
  ),
  STRIPE_WEBHOOK_SECRET: optional(z.string()),
  FAREBOX_SANDBOX_STRIPE_URL: optional(url(/^https?$/, 'a URL such as http://127.0.0.1:3001')),
  STAFF_SECOND_FACTOR: optional(z.enum(['required', 'optional'], { error: 'expected required or optional' })),
  TRUSTED_PROXIES: optional(wholeNumber(0, PROXIES_MAX)).transform((count) => count ?? 0),
  PUBLIC_URL: optional(url(/^https?$/, 'a URL such as https://gateway.example.com')),
  SMTP_URL: optional(url(/^smtps?$/, 'a URL such as smtp://user:password@mail.example.com:587')),
  MAIL_FROM: optional(
    z.string().regex(/^[^\r\n]*@[^\r\n]*$/, { error: 'expected an address such as billing@example.com' }),
  ).transform((address) => address ?? 'Farebox <billing@farebox.test>'),
  DOCUMENT_STORAGE: optional(z.string()),
  VIES_CHECK: optional(z.enum(['off', 'on'], { error: 'expected off or on' })),
  VIES_REQUESTER_VAT_ID: optional(
    z.string().regex(/^[A-Z]{2}[0-9A-Z+*]{2,12}$/, { error: 'expected a VAT ID of the EU such as DE136695976' }),
  ),
  /** The most that a customer may buy at once, and the amount above which a bank transfer takes two people. */
  PURCHASE_MAX: optional(cents).transform((amount) => amount ?? 1_000_000n),
  FOUR_EYES_LIMIT: optional(cents).transform((amount) => amount ?? 100_000n),
  ROLES: optional(roles).transform((chosen) => chosen ?? [...ROLES]),
  WEB_CONCURRENCY: optional(wholeNumber(1, PROCESSES_MAX)).transform((count) => count ?? 1),
  PLATFORM_CURRENCY: optional(
    z.string().refine(isCurrencyCode, { error: 'expected an ISO 4217 code such as USD' }),
  ).transform((currency) => currency ?? 'USD'),
  /** Per million tokens, on every successful request. */
  PROCESSING_FEE: optional(decimalNano).transform((fee) => fee ?? 50_000_000n),
  LOG_LEVEL: optional(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
      error: 'expected fatal, error, warn, info, debug or silent',
    }),
  ).transform((level) => level ?? 'info'),
})

export interface Config {
  port: number
  host: string
  /** Null = the embedded PostgreSQL. */
  databaseUrl: string | null
  redisUrl: string | null
  dataDirectory: string
  /** Null = made once and kept in the data directory. */
  secret: string | null
  /** A running provider simulator to use instead of our own. */
  sandboxProviderUrl: string | null
  /** A running payment simulator, likewise. */
  sandboxStripeUrl: string | null
  stripeSecretKey: string | null
  /** Several while they are rotated. None = every webhook is refused. */
  stripeWebhookSecrets: readonly string[]
  /** Where customers reach us; null = where we listen. */
  publicUrl: string | null
  /** Whether staff have to set up a second factor before anything else; unless set, everywhere but in the sandbox. */
  staffNeedSecondFactor: boolean
  /** How many proxies of ours stand in front, whose word on a visitor's address is taken. */
  trustedProxies: number
  /** Null = mails become files in the data directory. */
  smtpUrl: string | null
  mailFrom: string
  /** A folder or `s3://bucket`; null = a folder in the data directory. */
  documentStorage: string | null
  /** Whether EU VAT ids of buyers are checked in the register online. */
  viesCheck: boolean
  /** The VAT id in whose name the register is asked; null = none, and no consultation number comes with an answer. */
  viesRequesterVatId: string | null
  purchaseMaximumMinor: bigint
  fourEyesLimitMinor: bigint
  /** On without a Stripe key: providers and payments are simulated, and demo data is seeded. */
  isSandbox: boolean
  isProduction: boolean
  roles: readonly Role[]
  processes: number
  currency: string
  processingFeeNano: bigint
  logLevel: string
  /** Where the credentials that a catalog names by `apiKeyEnv` are looked up. */
  environment: Readonly<Record<string, string | undefined>>
}

/** A setting that the program cannot start with; the message names it and says what was expected. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads every setting there is.
 * @throws ConfigError with one sentence a wrong setting
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const result = variables.safeParse(environment)
  if (!result.success) {
    const sentences = result.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return `${name} is ${shown(name, environment[name])}: ${issue.message}.`
    })
    throw new ConfigError(sentences.join('\n'))
  }
  const values = result.data
  const config: Config = {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    dataDirectory: values.FAREBOX_DATA_DIR,
    secret: values.FAREBOX_SECRET ?? null,
    sandboxProviderUrl: values.FAREBOX_SANDBOX_PROVIDER_URL ?? null,
    sandboxStripeUrl: values.FAREBOX_SANDBOX_STRIPE_URL ?? null,
    stripeSecretKey: values.STRIPE_SECRET_KEY ?? null,
    stripeWebhookSecrets: (values.STRIPE_WEBHOOK_SECRET ?? '')
      .split(',')
      .map((secret) => secret.trim())
      .filter(Boolean),
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    staffNeedSecondFactor: values.STAFF_SECOND_FACTOR
      ? values.STAFF_SECOND_FACTOR === 'required'
      : values.STRIPE_SECRET_KEY !== undefined,
    trustedProxies: values.TRUSTED_PROXIES,
    smtpUrl: values.SMTP_URL ?? null,
    mailFrom: values.MAIL_FROM,
    documentStorage: values.DOCUMENT_STORAGE ?? null,
    viesCheck: values.VIES_CHECK === 'on',
    viesRequesterVatId: values.VIES_REQUESTER_VAT_ID ?? null,
    purchaseMaximumMinor: values.PURCHASE_MAX,
    fourEyesLimitMinor: values.FOUR_EYES_LIMIT,
    isSandbox: values.STRIPE_SECRET_KEY === undefined,
    isProduction: values.NODE_ENV === 'production',
    roles: values.ROLES,
    processes: values.WEB_CONCURRENCY,
    currency: values.PLATFORM_CURRENCY,
    processingFeeNano: values.PROCESSING_FEE,
    logLevel: values.LOG_LEVEL,
    environment,
  }
  refuseUnsafeProduction(config)
  return config
}

function refuseUnsafeProduction(config: Config): void {
  if (!config.isProduction) return
  if (config.isSandbox) {
    throw new ConfigError(
      'STRIPE_SECRET_KEY is not set: without it the sandbox runs, and NODE_ENV=production refuses that.',
    )
  }
  if (config.secret === null) {
    throw new ConfigError(
      'FAREBOX_SECRET is not set: NODE_ENV=production expects at least 16 characters of random text.',
    )
  }
}

/** A secret is never repeated, not even a wrong one. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'not set'
  return /SECRET|KEY|URL/.test(name) ? 'not as it should be' : `'${value}'`
}
