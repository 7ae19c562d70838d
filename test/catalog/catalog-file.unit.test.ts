import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseCatalogFile } from '../../src/catalog/catalog-file.ts'

const GOOD = `
providers:
  - slug: openai
    protocol: openai
    baseUrl: https://api.openai.test/v1/
    apiKeyEnv: OPENAI_API_KEY
models:
  - name: gpt-4o-mini
    aliases: [mini]
    contextWindow: 128000
    maxOutputTokens: 16384
    listPrice: { input: 0.15, output: "0.60", cacheRead: 0.075 }
routes:
  - model: gpt-4o-mini
    provider: openai
    upstreamModel: gpt-4o-mini-2024-07-18
    cost: { input: 0.15, output: 0.6 }
priceRules:
  - kind: MARKUP_ON_COST
    markupBps: 500
`

/** The problems of the good file with one text in it replaced. */
function problemsWith(search: string, replacement: string): string[] {
  expect(GOOD).toContain(search)
  return problemsOf(GOOD.replace(search, replacement))
}

function problemsOf(text: string): string[] {
  const parsed = parseCatalogFile(text, 'catalog.yaml')
  return parsed.ok ? [] : parsed.problems
}

function cardOf(listPrice: string) {
  const parsed = parseCatalogFile(GOOD.replace('{ input: 0.15, output: "0.60", cacheRead: 0.075 }', listPrice), 'f')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return parsed.file.models[0]!.listPrice!.card
}

test('a good file is read, with the rest of an optional key left open', () => {
  const parsed = parseCatalogFile(GOOD, 'catalog.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  expect(parsed.file.providers).toEqual([
    {
      slug: 'openai',
      name: undefined,
      protocol: 'openai',
      baseUrl: 'https://api.openai.test/v1',
      outputCapParameter: undefined,
      credential: { apiKeyEnv: 'OPENAI_API_KEY' },
    },
  ])
  expect(parsed.file.models[0]).toMatchObject({ aliases: ['mini'], maxImageTokens: undefined })
  expect(parsed.file.routes[0]).toMatchObject({ priority: undefined, state: undefined })
  expect(parsed.file.priceRules[0]).toMatchObject({ terms: { kind: 'MARKUP_ON_COST', markupBps: 500 } })
})

test('a price without quotes is read from its text, never through a float', () => {
  const card = cardOf('{ input: 1, output: 0.100000001, perRequest: 0.000000001 }')
  expect(card.tiers[0]?.rates).toMatchObject({ output: 100_000_001n })
  expect(card.perRequestNano).toBe(1n)
  // Fifteen digits and more: only the text is exact.
  expect(cardOf('{ input: 999999.123456789, output: 1 }').tiers[0]?.rates.input).toBe(999_999_123_456_789n)
})

test('a cache costs as much as input unless the file says so, in every tier', () => {
  const card = cardOf(
    '{ input: 3, output: 15, cacheRead: 0.3, tiers: [{ aboveInputTokens: 200000, input: 6, output: 22.5 }] }',
  )
  expect(card.tiers).toEqual([
    {
      aboveInputTokens: 0,
      rates: {
        input: 3_000_000_000n,
        output: 15_000_000_000n,
        cacheRead: 300_000_000n,
        cacheWrite5m: 3_000_000_000n,
        cacheWrite1h: 3_000_000_000n,
      },
    },
    {
      aboveInputTokens: 200_000,
      rates: {
        input: 6_000_000_000n,
        output: 22_500_000_000n,
        cacheRead: 6_000_000_000n,
        cacheWrite5m: 6_000_000_000n,
        cacheWrite1h: 6_000_000_000n,
      },
    },
  ])
})

const price = 'expected a decimal string such as "0.15" (price per million tokens)'
test.each([
  ['a comma', '"0,15"', `${price}, found "0,15"`],
  ['a negative price', '-0.15', `${price}, found "-0.15"`],
  ['a negative zero', '-0', `${price}, found "-0"`],
  ['a tenth fraction digit', '0.0000000001', `${price}, found "0.0000000001"`],
  ['an exponent', '1.5e-7', `${price}, found "1.5e-7"`],
  ['a currency sign', '$0.15', `${price}, found "$0.15"`],
  ['nothing', '', `${price}, found nothing`],
  ['a map', '{}', `${price}, found a map`],
  ['more than a unit a token', '1000000.1', `${price}, found "1000000.1"`],
])('%s as a price is refused at its place', (_, written, message) => {
  const text = `models:\n  - name: m\n    contextWindow: 9\n    maxOutputTokens: 9\n    listPrice:\n      input: ${written}\n      output: 1\n`
  const [problem] = problemsOf(text)
  expect(problem).toMatch(/^catalog\.yaml:6:\d+ models\[0\]\.listPrice\.input: /)
  expect(problem?.endsWith(message)).toBe(true)
})

test.each([
  [
    'slug: openai',
    'slug: Open AI',
    'catalog.yaml:3:11 providers[0].slug: expected a slug of lower-case letters, digits and dashes, at most 63, found "Open AI"',
  ],
  [
    'protocol: openai',
    'protocol: openapi',
    'catalog.yaml:4:15 providers[0].protocol: expected one of "openai" or "anthropic" or "gemini", found "openapi"',
  ],
  [
    'https://api',
    'ftp://api',
    'catalog.yaml:5:14 providers[0].baseUrl: expected an address that begins with http:// or https://, without user, query or fragment, found something else',
  ],
  ['apiKeyEnv:', 'apiKeyENV:', 'catalog.yaml:6:5 providers[0].apiKeyENV: unknown key (did you mean "apiKeyEnv"?)'],
  [
    '128000',
    '128k',
    'catalog.yaml:10:20 models[0].contextWindow: expected a whole number of tokens from 1 to 2147483647, found "128k"',
  ],
  [
    '    contextWindow: 128000\n',
    '',
    'catalog.yaml:8:5 models[0].contextWindow: expected a whole number of tokens from 1 to 2147483647, found nothing',
  ],
  [
    '16384',
    '128001',
    'catalog.yaml:11:22 models[0].maxOutputTokens: expected no more than the contextWindow of 128000, found "128001"',
  ],
  ['[mini]', '[mini, mini]', 'catalog.yaml:9:21 models[0].aliases[1]: "mini" is already an alias of models[0]'],
  ['[mini]', '[gpt-4o-mini]', 'catalog.yaml:9:15 models[0].aliases[0]: "gpt-4o-mini" is already the name of models[0]'],
  ['output: "0.60"', 'output: 1, output: 2', 'catalog.yaml:12:42 duplicate key "output": it stands in this map twice'],
  [
    'model: gpt-4o-mini',
    'model: mini',
    'catalog.yaml:14:12 routes[0].model: "mini" is an alias; expected the model\'s name "gpt-4o-mini"',
  ],
  [
    'model: gpt-4o-mini',
    'model: gpt-4o-mimi',
    'catalog.yaml:14:12 routes[0].model: no model of this file has the name "gpt-4o-mimi" (did you mean "gpt-4o-mini"?)',
  ],
  [
    'provider: openai',
    'provider: azure',
    'catalog.yaml:15:15 routes[0].provider: no provider of this file has the slug "azure"',
  ],
  [
    'markupBps: 500',
    'discountBps: 500',
    'catalog.yaml:19:5 priceRules[0]: a rule of kind MARKUP_ON_COST needs markupBps',
  ],
  [
    'markupBps: 500',
    'markupBps: -1',
    'catalog.yaml:20:5 priceRules[0].markupBps: a markup below zero needs allowNegativeMargin: true',
  ],
  [
    'markupBps: 500',
    'markupBps: 5\n    plan: a\n    account: b',
    'catalog.yaml:19:5 priceRules[0]: expected account and model, account, plan and model, plan, model, provider or none of them, found account and plan',
  ],
  [
    'markupBps: 500',
    'markupBps: 5\n    effectiveFrom: 2027-02-30',
    'catalog.yaml:21:20 priceRules[0].effectiveFrom: expected a date such as 2027-01-01 (its first instant, UTC) or a time with its zone such as 2027-01-01T09:00:00Z, found "2027-02-30"',
  ],
  [
    'markupBps: 500',
    'markupBps: 5\n  - kind: MARKUP_ON_COST\n    markupBps: 6',
    'catalog.yaml:21:11 priceRules[1].kind: the same as priceRules[0]: a global rule',
  ],
])('%j as %j is reported exactly', (search, replacement, problem) => {
  expect(problemsWith(search, replacement)[0]).toBe(problem)
})

test('all problems are reported at once, in the order of the file', () => {
  const text = GOOD.replace('protocol: openai', 'protocol: x')
    .replace('128000', 'many')
    .replace('provider: openai', 'provider: opnai')
    .replace('500', 'half')
  expect(problemsOf(text).map((problem) => problem.split(': ')[0])).toEqual([
    'catalog.yaml:4:15 providers[0].protocol',
    'catalog.yaml:10:20 models[0].contextWindow',
    'catalog.yaml:15:15 routes[0].provider',
    'catalog.yaml:20:16 priceRules[0].markupBps',
  ])
})

test('a secret in the wrong place is refused and not repeated', () => {
  const problems = [
    ...problemsWith('apiKeyEnv: OPENAI_API_KEY', 'apiKeyEnv: sk-secret-1'),
    ...problemsWith('apiKeyEnv: OPENAI_API_KEY', 'apiKey: "sk-secret 1"'),
    ...problemsWith('https://api.openai.test', 'https://user:sk-secret@api.openai.test'),
  ]
  expect(problems).toHaveLength(3)
  expect(problems.join('\n')).not.toContain('secret')
})

test('two costs of one upstream model are refused', () => {
  const second = `\n  - model: other\n    provider: openai\n    upstreamModel: gpt-4o-mini-2024-07-18\n    cost: { input: 9, output: 9 }\npriceRules:`
  const model = `routes:`
  const text = GOOD.replace('\npriceRules:', second).replace(
    model,
    '  - { name: other, contextWindow: 9, maxOutputTokens: 9 }\nroutes:',
  )
  expect(problemsOf(text)).toEqual([
    'catalog.yaml:22:11 routes[1].cost: openai/gpt-4o-mini-2024-07-18 costs something else in routes[0].cost; say it once or the same',
  ])
})

test('what is not YAML, or not a catalog, is one clear problem', () => {
  expect(problemsOf('models: [')[0]).toMatch(/^catalog\.yaml:\d+:\d+ not valid YAML: /)
  expect(problemsOf('')).toEqual([
    'catalog.yaml:1:1 expected a map with providers, models, routes, priceRules, found nothing',
  ])
  expect(problemsOf('provider: []')).toEqual(['catalog.yaml:1:1 provider: unknown key (did you mean "providers"?)'])
  expect(problemsOf('models:\n  - x')[0]).toMatch(/^catalog\.yaml:2:5 models\[0\]: expected a map with name, /)
})

test('a file that multiplies through YAML aliases is refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `k${level + 1}: &k${level + 1} [${Array(10).fill(`*k${level}`).join(', ')}]`,
  )
  expect(problemsOf(`k0: &k0 x\n${levels.join('\n')}`)).toEqual([
    'catalog.yaml:1:1 not readable: Excessive alias count indicates a resource exhaustion attack',
  ])
})

test('the example of the guide is a good file', async () => {
  const guide = await readFile(new URL('../../docs/guides/catalog.md', import.meta.url), 'utf8')
  const [, example] = /```yaml\n(.*?)```/s.exec(guide) ?? []
  expect(problemsOf(example!)).toEqual([])
})
