import { everybody, type ResourceDefinition } from '../definition.ts'

const group = 'Catalog' as const
const COSTS = { may: 'look at costs' } as const

export const CATALOG_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{ id: 'models', model: 'Model', label: 'Models', group, may: 'look', title: 'name' },
    resellers: everybody,
    columns: {
      ...{ name: { contains: true }, contextWindow: {}, maxOutputTokens: {}, maxImageTokens: {} },
      ...{ disabledAt: { label: 'Disabled' }, createdAt: {}, id: {} },
    },
    list: ['name', 'contextWindow', 'maxOutputTokens', 'disabledAt', 'createdAt'],
    filters: ['name'],
    sorts: ['name'],
    ascending: true,
    related: [
      { label: 'Aliases', to: 'aliases', filter: 'modelId' },
      { label: 'Routes', to: 'routes', filter: 'modelId' },
      { label: 'List prices', to: 'list-prices', filter: 'modelId' },
      { label: 'Price rules', to: 'rules', filter: 'modelId' },
    ],
  },
  {
    ...{ id: 'aliases', model: 'ModelAlias', label: 'Aliases', group, may: 'look', title: 'name', key: ['name'] },
    resellers: everybody,
    columns: { name: { contains: true }, modelId: { to: 'models' } },
    list: ['name', 'modelId'],
    filters: ['name', 'modelId'],
    sorts: ['name'],
    ascending: true,
  },
  {
    ...{ id: 'list-prices', model: 'ListPrice', label: 'List prices', group, may: 'look', title: 'label' },
    resellers: everybody,
    columns: {
      label: {
        label: 'List price',
        sql: `(SELECT name FROM model WHERE id = t.model_id) || ' from ' || to_char(t.effective_from AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
      },
      ...{
        modelId: { to: 'models' },
        currency: {},
        rates: { kind: 'rates' },
        source: {},
        effectiveFrom: {},
        createdAt: { sortBy: 't.id' },
        id: {},
      },
    },
    list: ['modelId', 'rates', 'effectiveFrom', 'source'],
    filters: ['modelId', 'effectiveFrom'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'packages', model: 'CreditPackage', label: 'Packages', group, may: 'look', title: 'name' },
    resellers: everybody,
    columns: {
      ...{
        name: { contains: true },
        slug: {},
        description: {},
        currency: {},
        priceMinor: {},
        creditNano: { label: 'Credits' },
      },
      ...{
        bonusNano: { label: 'Bonus' },
        planId: { to: 'plans' },
        position: {},
        disabledAt: { label: 'Disabled' },
        createdAt: {},
        id: {},
      },
    },
    list: ['name', 'priceMinor', 'creditNano', 'bonusNano', 'planId', 'disabledAt'],
    filters: ['name', 'planId'],
    sorts: ['position'],
    ascending: true,
    related: [{ label: 'Orders', to: 'orders', filter: 'packageId' }],
  },
  {
    ...{ id: 'rules', model: 'PriceRule', label: 'Price rules', group, may: 'look', title: 'label' },
    // A reseller sees its own rules. How the operator makes its wholesale price from its cost is not for it.
    resellers: (reseller) => `t.seller_id = ${reseller}`,
    columns: {
      label: { label: 'Rule', sql: `t.kind || ' from ' || to_char(t.effective_from AT TIME ZONE 'UTC', 'YYYY-MM-DD')` },
      ...{
        sellerId: { to: 'accounts', label: 'Seller' },
        kind: {},
        accountId: { to: 'accounts' },
        planId: { to: 'plans' },
      },
      ...{
        modelId: { to: 'models' },
        providerId: { to: 'providers' },
        markupBps: {},
        additionNano: { digits: 'request' },
      },
      ...{
        discountBps: {},
        rates: { kind: 'rates' },
        allowNegativeMargin: {},
        effectiveFrom: {},
        retiredAt: { label: 'Retired' },
      },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['kind', 'sellerId', 'accountId', 'planId', 'modelId', 'markupBps', 'discountBps', 'effectiveFrom'],
    filters: ['sellerId', 'accountId', 'planId', 'modelId', 'kind', 'effectiveFrom'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'providers', model: 'Provider', label: 'Providers', group, ...COSTS, title: 'name', resellers: null },
    columns: {
      ...{
        name: { contains: true },
        slug: {},
        protocol: {},
        baseUrl: {},
        outputCapParameter: {},
        createdAt: {},
        id: {},
      },
    },
    list: ['name', 'protocol', 'baseUrl', 'createdAt'],
    filters: ['name', 'slug', 'protocol'],
    sorts: ['slug'],
    ascending: true,
    related: [
      { label: 'Routes', to: 'routes', filter: 'providerId' },
      { label: 'Cost profiles', to: 'costs', filter: 'providerId' },
    ],
  },
  {
    ...{ id: 'routes', model: 'Route', label: 'Routes', group, ...COSTS, title: 'label', resellers: null },
    columns: {
      label: {
        label: 'Route',
        sql: `(SELECT name FROM model WHERE id = t.model_id) || ' → ' || (SELECT name FROM provider WHERE id = t.provider_id)`,
      },
      ...{
        modelId: { to: 'models' },
        providerId: { to: 'providers' },
        upstreamModel: {},
        priority: {},
        weight: {},
        state: {},
      },
      ...{ allowNegativeMargin: {}, createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['modelId', 'providerId', 'upstreamModel', 'priority', 'weight', 'state'],
    filters: ['modelId', 'providerId', 'upstreamModel', 'state'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'costs', model: 'CostProfile', label: 'Cost profiles', group, ...COSTS, title: 'label', resellers: null },
    columns: {
      label: {
        label: 'Cost profile',
        sql: `t.upstream_model || ' from ' || to_char(t.effective_from AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
      },
      ...{
        providerId: { to: 'providers' },
        upstreamModel: {},
        currency: {},
        rates: { kind: 'rates' },
        source: {},
        effectiveFrom: {},
      },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['upstreamModel', 'providerId', 'rates', 'effectiveFrom', 'source'],
    filters: ['providerId', 'upstreamModel', 'effectiveFrom'],
    sorts: ['createdAt'],
  },
]
