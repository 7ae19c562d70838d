import { Document, isMap, isScalar, isSeq, type Node, visit } from 'yaml'
import { formatDecimalNano } from '../money/nano.ts'
import type { TokenRates } from '../pricing/rate-card.ts'
import type {
  CatalogFile,
  FileCard,
  FileModel,
  FilePriceRule,
  FileProvider,
  FileRoute,
  PriceRuleTerms,
} from './catalog-file.ts'

const LINE_WIDTH = 120

export interface RenderOptions {
  /** Stands at the top, each line after "# ". */
  header?: string
  /** A note above a provider, model, route or rule of the file. */
  commentOf?: (item: object) => string | undefined
}

/** Writes a catalog file: `parseCatalogFile` reads back the same. Prices are quoted decimal strings. */
export function renderCatalogFile(file: CatalogFile, { header, commentOf }: RenderOptions = {}): string {
  const document = new Document({
    providers: file.providers.map(providerOf),
    models: file.models.map(modelOf),
    routes: file.routes.map(routeOf),
    priceRules: file.priceRules.map(priceRuleOf),
  })
  visit(document, {
    Scalar(key, node) {
      // Quoted although the reader would not mind: other readers of YAML would make a float of a price.
      if (key === 'value' && typeof node.value === 'string' && /^\d/.test(node.value)) node.type = 'QUOTE_DOUBLE'
    },
    Pair(_, pair) {
      const isCard = isScalar(pair.key) && ['listPrice', 'cost', 'price'].includes(String(pair.key.value))
      if (isCard && isMap(pair.value) && !pair.value.has('tiers')) pair.value.flow = true
      const isShort = isScalar(pair.key) && pair.key.value === 'aliases'
      if (isShort && isSeq(pair.value)) pair.value.flow = true
      if (isScalar(pair.key) && pair.key.value === 'tiers' && isSeq(pair.value)) {
        for (const tier of pair.value.items) if (isMap(tier)) tier.flow = true
      }
    },
  })
  if (header !== undefined) document.commentBefore = indentComment(header)
  for (const [list, items] of Object.entries(file) as [keyof CatalogFile, object[]][]) {
    for (const [index, item] of items.entries()) {
      const comment = commentOf?.(item)
      const node = document.getIn([list, index], true) as Node | undefined
      if (comment !== undefined && node !== undefined) node.commentBefore = indentComment(comment)
    }
  }
  return document.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true })
}

const indentComment = (text: string) => text.replace(/^/gm, ' ')

function providerOf({ slug, name, protocol, baseUrl, outputCapParameter, credential }: FileProvider): object {
  return compact({ slug, name, protocol, baseUrl, outputCapParameter, ...credential })
}

function modelOf({ name, aliases, contextWindow, maxOutputTokens, maxImageTokens, listPrice }: FileModel): object {
  return compact({
    name,
    aliases: aliases.length === 0 ? undefined : aliases,
    contextWindow,
    maxOutputTokens,
    maxImageTokens,
    listPrice: listPrice && cardOf(listPrice),
  })
}

function routeOf({ cost, ...route }: FileRoute): object {
  return compact({ ...route, cost: cost && cardOf(cost) })
}

function priceRuleOf({ terms, effectiveFrom, allowNegativeMargin, ...names }: FilePriceRule): object {
  return compact({
    kind: terms.kind,
    ...figureOf(terms),
    ...names,
    effectiveFrom: effectiveFrom?.toISOString(),
    allowNegativeMargin: allowNegativeMargin || undefined,
  })
}

function figureOf(terms: PriceRuleTerms): object {
  switch (terms.kind) {
    case 'MARKUP_ON_COST':
      return { markupBps: terms.markupBps }
    case 'ADDITION_PER_MILLION':
      return { addition: formatDecimalNano(terms.additionNano) }
    case 'DISCOUNT_OFF_LIST':
      return { discountBps: terms.discountBps }
    case 'ABSOLUTE':
      return { price: cardOf({ card: terms.rateCard, effectiveFrom: undefined }) }
  }
}

function cardOf({ card, effectiveFrom }: FileCard): object {
  const [base, ...above] = card.tiers
  const perRequest = card.perRequestNano === 0n ? undefined : formatDecimalNano(card.perRequestNano)
  const tiers = above.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...ratesOf(tier.rates) }))
  return compact({
    ...ratesOf(base!.rates),
    perRequest,
    tiers: tiers.length === 0 ? undefined : tiers,
    effectiveFrom: effectiveFrom?.toISOString(),
  })
}

/** A cache rate that equals input's is left out: that is what the reader takes it for. */
function ratesOf({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: TokenRates): object {
  const unlessInput = (rate: bigint) => (rate === input ? undefined : formatDecimalNano(rate))
  return compact({
    input: formatDecimalNano(input),
    output: formatDecimalNano(output),
    cacheRead: unlessInput(cacheRead),
    cacheWrite5m: unlessInput(cacheWrite5m),
    cacheWrite1h: unlessInput(cacheWrite1h),
  })
}

function compact(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
