import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CatalogFile, parseCatalogFile } from '../../src/catalog/catalog-file.ts'
import { renderCatalogFile } from '../../src/catalog/render-catalog-file.ts'
import { RATE_NANO_MAX } from '../../src/pricing/rate-card.ts'

const rate = fc.oneof(fc.bigInt({ min: 0n, max: 100_000_000_000n }), fc.bigInt({ min: 0n, max: RATE_NANO_MAX }))
const rates = fc.record({ input: rate, output: rate, cacheRead: rate, cacheWrite5m: rate, cacheWrite1h: rate })
const card = fc
  .record({
    base: rates,
    above: fc.uniqueArray(fc.record({ aboveInputTokens: fc.integer({ min: 1, max: 2_000_000 }), rates }), {
      selector: (tier) => tier.aboveInputTokens,
      maxLength: 3,
    }),
    perRequestNano: rate,
  })
  .map(({ base, above, perRequestNano }) => ({
    tiers: [{ aboveInputTokens: 0, rates: base }, ...above.sort((a, b) => a.aboveInputTokens - b.aboveInputTokens)],
    perRequestNano,
  }))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
const fileCard = fc.record({ card, effectiveFrom: maybe(instant) })
/** Names that YAML would like to read as something else are the interesting ones. */
const awkward = fc.constantFrom(
  'true',
  'null',
  '4.10',
  '0x1f',
  '1e3',
  '2027-01-01',
  'no',
  '0o7',
  'a:b',
  '12_3'.replace('_', ''),
)
const modelName = fc.oneof(awkward, fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,20}$/))
const slug = fc.oneof(fc.constantFrom('true', 'null', '007', 'no'), fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/))
const freeText = fc.oneof(
  fc.constantFrom(
    '- x',
    '# x',
    "it's",
    'a: b',
    '"',
    ' lead',
    '~',
    '*a',
    '&a',
    '{}',
    '%',
    'Ünïcode 🚋',
    '!!int 3',
    'x: # y',
  ),
  fc.stringMatching(/^[!-~][ -~]{0,30}$/),
)

const provider = fc.record({
  slug,
  name: maybe(freeText),
  protocol: fc.constantFrom('openai', 'anthropic', 'gemini'),
  baseUrl: fc.constantFrom('https://a.test/v1', 'http://127.0.0.1:8080'),
  outputCapParameter: maybe(fc.constantFrom('max_tokens', 'max_completion_tokens')),
  credential: maybe(
    fc.oneof(
      fc.constant({ apiKeyEnv: 'A_KEY' }),
      fc.stringMatching(/^[!-~]{1,30}$/).map((apiKey) => ({ apiKey })),
    ),
  ),
})

const catalogFile: fc.Arbitrary<CatalogFile> = fc
  .record({
    providers: fc.uniqueArray(provider, { selector: (each) => each.slug, minLength: 1, maxLength: 3 }),
    names: fc.uniqueArray(modelName, { minLength: 1, maxLength: 8 }),
    maxImageTokens: fc.constantFrom(undefined, null, 85),
    listPrice: maybe(fileCard),
    upstreamModel: freeText,
    cost: maybe(fileCard),
    priority: maybe(fc.nat(9)),
    state: fc.constantFrom(undefined, 'ACTIVE', 'DISABLED'),
    allowNegativeMargin: maybe(fc.boolean()),
    terms: fc.oneof(
      fc.record({ kind: fc.constant('MARKUP_ON_COST'), markupBps: fc.nat(1_000_000) }),
      fc.record({ kind: fc.constant('ADDITION_PER_MILLION'), additionNano: rate }),
      fc.record({ kind: fc.constant('DISCOUNT_OFF_LIST'), discountBps: fc.nat(10_000) }),
      fc.record({ kind: fc.constant('ABSOLUTE'), rateCard: card }),
    ),
    seller: maybe(slug),
    plan: maybe(slug),
    effectiveFrom: maybe(instant),
  })
  .map((drawn) => {
    const [name, ...aliases] = drawn.names as [string, ...string[]]
    const providerSlug = drawn.providers[0]!.slug
    return {
      providers: drawn.providers,
      models: [
        {
          name,
          aliases,
          contextWindow: 1_000,
          maxOutputTokens: 1_000,
          maxImageTokens: drawn.maxImageTokens,
          listPrice: drawn.listPrice,
        },
      ],
      routes: [
        {
          model: name,
          provider: providerSlug,
          upstreamModel: drawn.upstreamModel,
          priority: drawn.priority,
          weight: drawn.priority === undefined ? undefined : 3,
          state: drawn.state,
          allowNegativeMargin: drawn.allowNegativeMargin,
          cost: drawn.cost,
        },
      ],
      priceRules: [
        {
          terms: drawn.terms,
          seller: drawn.seller,
          account: undefined,
          plan: drawn.plan,
          model: name,
          provider: undefined,
          effectiveFrom: drawn.effectiveFrom,
          allowNegativeMargin: drawn.allowNegativeMargin ?? false,
        },
      ],
    } as CatalogFile
  })

test('what is rendered parses to the same catalog, whatever its names and figures', () => {
  fc.assert(
    fc.property(catalogFile, (file) => {
      const text = renderCatalogFile(file, { header: 'one\ntwo', commentOf: () => 'a note\nof two lines' })
      const parsed = parseCatalogFile(text, 'catalog.yaml')
      expect(parsed).toEqual({ ok: true, file })
    }),
    { numRuns: 300 },
  )
})
