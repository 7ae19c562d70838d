import { describe, expect, test } from 'vitest'
import { ConfigError, ROLES, readConfig } from '../../src/config.ts'

/** All but the variables themselves, which the config carries along. */
function settings(variables: Record<string, string>) {
  const { environment, ...read } = readConfig(variables)
  expect(environment).toEqual(variables)
  return read
}

function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('these settings were taken')
}

test('nothing set is a sandbox on this machine alone, with its own database', () => {
  expect(settings({})).toEqual({
    ...{ port: 3000, host: '127.0.0.1', databaseUrl: null, redisUrl: null, dataDirectory: '.farebox', secret: null },
    ...{ sandboxProviderUrl: null, isSandbox: true, isProduction: false, roles: ROLES, processes: 1 },
    ...{ currency: 'USD', processingFeeNano: 50_000_000n, logLevel: 'info' },
    ...{ sandboxStripeUrl: null, stripeSecretKey: null, stripeWebhookSecrets: [], publicUrl: null, smtpUrl: null },
    ...{ mailFrom: 'Farebox <billing@farebox.test>', purchaseMaximumMinor: 1_000_000n, fourEyesLimitMinor: 100_000n },
    ...{ documentStorage: null, viesCheck: false, viesRequesterVatId: null },
    ...{ staffNeedSecondFactor: false, trustedProxies: 0 },
  })
})

test('an empty variable is as good as none', () => {
  const names = ['PORT', 'HOST', 'DATABASE_URL', 'REDIS_URL', 'ROLES', 'WEB_CONCURRENCY', 'PROCESSING_FEE', 'LOG_LEVEL']
  expect(settings(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(settings({}))
})

test('every setting is taken as it is written', () => {
  const config = settings({
    ...{ NODE_ENV: 'production', PORT: '8080', HOST: '::', DATABASE_URL: 'postgresql://me:secret@db:5433/farebox' },
    ...{ REDIS_URL: 'rediss://cache:6379', FAREBOX_DATA_DIR: '/data', FAREBOX_SECRET: 'sixteen letters!' },
    ...{ STRIPE_SECRET_KEY: 'sk_live_1', ROLES: 'gateway, worker', WEB_CONCURRENCY: '4', PLATFORM_CURRENCY: 'EUR' },
    ...{ PROCESSING_FEE: '0.075', LOG_LEVEL: 'warn' },
    ...{ STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old', PUBLIC_URL: 'https://gateway.example.com/' },
    ...{
      SMTP_URL: 'smtp://mail:587',
      MAIL_FROM: 'billing@example.com',
      PURCHASE_MAX: '25000',
      FOUR_EYES_LIMIT: '99.50',
    },
    ...{ VIES_CHECK: 'on', VIES_REQUESTER_VAT_ID: 'DE136695976' },
    ...{ STAFF_SECOND_FACTOR: 'required', TRUSTED_PROXIES: '2' },
  })
  expect(config).toEqual({
    ...{
      port: 8080,
      host: '::',
      databaseUrl: 'postgresql://me:secret@db:5433/farebox',
      redisUrl: 'rediss://cache:6379',
    },
    ...{ dataDirectory: '/data', secret: 'sixteen letters!', sandboxProviderUrl: null, isSandbox: false },
    ...{ isProduction: true, roles: ['gateway', 'worker'], processes: 4, currency: 'EUR' },
    ...{ processingFeeNano: 75_000_000n, logLevel: 'warn', sandboxStripeUrl: null, stripeSecretKey: 'sk_live_1' },
    ...{ stripeWebhookSecrets: ['whsec_new', 'whsec_old'], publicUrl: 'https://gateway.example.com' },
    ...{ smtpUrl: 'smtp://mail:587', mailFrom: 'billing@example.com', documentStorage: null },
    ...{ viesCheck: true, viesRequesterVatId: 'DE136695976' },
    ...{ staffNeedSecondFactor: true, trustedProxies: 2 },
    ...{ purchaseMaximumMinor: 2_500_000n, fourEyesLimitMinor: 9_950n },
  })
})

describe('a wrong setting is named in one sentence that says what was expected', () => {
  test.each([
    ['PORT', 'http', "PORT is 'http': expected a whole number from 0 to 65535."],
    ['PORT', '65536', "PORT is '65536': expected a whole number from 0 to 65535."],
    ['PORT', '-1', "PORT is '-1': expected a whole number from 0 to 65535."],
    ['PORT', '80.5', "PORT is '80.5': expected a whole number from 0 to 65535."],
    ['WEB_CONCURRENCY', '0', "WEB_CONCURRENCY is '0': expected a whole number from 1 to 256."],
    ['WEB_CONCURRENCY', 'auto', "WEB_CONCURRENCY is 'auto': expected a whole number from 1 to 256."],
    [
      'ROLES',
      'gateway,cook',
      "ROLES is 'gateway,cook': expected some of gateway, api, portal, admin, worker, not 'cook'.",
    ],
    ['PLATFORM_CURRENCY', 'dollar', "PLATFORM_CURRENCY is 'dollar': expected an ISO 4217 code such as USD."],
    ['PLATFORM_CURRENCY', 'usd', "PLATFORM_CURRENCY is 'usd': expected an ISO 4217 code such as USD."],
    ['PLATFORM_CURRENCY', 'ABC', "PLATFORM_CURRENCY is 'ABC': expected an ISO 4217 code such as USD."],
    // It was a currency until 2026, and no e-invoice can say it any more.
    ['PLATFORM_CURRENCY', 'BGN', "PLATFORM_CURRENCY is 'BGN': expected an ISO 4217 code such as USD."],
    ['PROCESSING_FEE', '-0.05', "PROCESSING_FEE is '-0.05': expected a decimal amount such as 0.05."],
    ['PROCESSING_FEE', '5%', "PROCESSING_FEE is '5%': expected a decimal amount such as 0.05."],
    [
      'PURCHASE_MAX',
      '10.005',
      "PURCHASE_MAX is '10.005': expected a decimal amount such as 1000.00, with at most two digits after the point.",
    ],
    ['VIES_CHECK', 'yes', "VIES_CHECK is 'yes': expected off or on."],
    [
      'VIES_REQUESTER_VAT_ID',
      '136695976',
      "VIES_REQUESTER_VAT_ID is '136695976': expected a VAT ID of the EU such as DE136695976.",
    ],
    ['FOUR_EYES_LIMIT', 'none', "FOUR_EYES_LIMIT is 'none': expected a decimal amount such as 0.05."],
    [
      'PUBLIC_URL',
      'gateway.example.com',
      'PUBLIC_URL is not as it should be: expected a URL such as https://gateway.example.com.',
    ],
    ['MAIL_FROM', 'billing', "MAIL_FROM is 'billing': expected an address such as billing@example.com."],
    ['LOG_LEVEL', 'loud', "LOG_LEVEL is 'loud': expected fatal, error, warn, info, debug or silent."],
  ])('%s=%s', (name, value, sentence) => {
    expect(refusal({ [name]: value })).toBe(sentence)
  })

  test('several wrong ones are all named, a line each', () => {
    expect(refusal({ PORT: 'x', LOG_LEVEL: 'y' }).split('\n')).toEqual([
      expect.stringContaining('PORT'),
      expect.stringContaining('LOG_LEVEL'),
    ])
  })
})

describe('a secret is never repeated, not even a wrong one', () => {
  test.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/farebox', 'expected a URL such as postgres://'],
    ['DATABASE_URL', 'hunter2', 'expected a URL such as postgres://'],
    ['REDIS_URL', 'http://:hunter2@cache', 'expected a URL such as redis://'],
    ['FAREBOX_SECRET', 'hunter2', 'expected at least 16 characters'],
    ['STRIPE_SECRET_KEY', 'pk_live_hunter2', 'expected a key that begins with sk_test_'],
    ['FAREBOX_SANDBOX_PROVIDER_URL', 'ftp://hunter2', 'expected a URL such as http://'],
  ])('%s', (name, value, expected) => {
    const sentence = refusal({ [name]: value })
    expect(sentence).toContain(`${name} is not as it should be: ${expected}`)
    expect(sentence).not.toContain('hunter2')
  })
})

describe('production refuses to start', () => {
  test('in the sandbox', () => {
    expect(refusal({ NODE_ENV: 'production', FAREBOX_SECRET: 'sixteen letters!' })).toContain(
      'STRIPE_SECRET_KEY is not set',
    )
  })

  test('without a secret of its own', () => {
    expect(refusal({ NODE_ENV: 'production', STRIPE_SECRET_KEY: 'sk_live_1' })).toContain('FAREBOX_SECRET is not set')
  })
})
