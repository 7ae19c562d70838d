import { ofAccounts, type ResourceDefinition } from '../definition.ts'

const group = 'Invoicing' as const
/** A reseller's own seller, and those of its documents: never another's. */
const OWN_SELLER = (seller: string) => (reseller: string) =>
  `${seller} IN (SELECT own.id FROM seller own WHERE own.account_id = ${reseller})`

export const INVOICING_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{
      id: 'documents',
      model: 'TaxDocument',
      label: 'Invoices and credit notes',
      group,
      may: 'look',
      title: 'number',
    },
    // What a customer of the tree was billed, and what the reseller itself has issued.
    resellers: (reseller) => `(${ofAccounts('t.account_id')(reseller)} OR ${OWN_SELLER('t.seller_id')(reseller)})`,
    columns: {
      ...{
        number: { kind: 'exact' },
        kind: {},
        accountId: { to: 'accounts' },
        sellerId: { to: 'sellers', label: 'Seller' },
      },
      ...{ orderId: { to: 'orders' }, refundId: { to: 'refunds' }, originalId: { to: 'documents', label: 'Corrects' } },
      ...{
        currency: {},
        netMinor: {},
        taxMinor: {},
        totalMinor: {},
        issueDate: { label: 'Issued' },
        year: {},
        sequence: {},
      },
      ...{
        seriesId: { to: 'series', label: 'Series' },
        snapshot: {},
        snapshotSha256: { label: 'Hash of the snapshot' },
      },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['number', 'kind', 'accountId', 'issueDate', 'netMinor', 'taxMinor', 'totalMinor'],
    filters: ['number', 'kind', 'accountId', 'sellerId', 'orderId', 'refundId', 'currency', 'totalMinor', 'issueDate'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'sellers', model: 'Seller', label: 'Sellers', group, may: 'look', title: 'legalName' },
    resellers: (reseller) => `t.account_id = ${reseller}`,
    columns: {
      ...{
        legalName: { contains: true },
        accountId: { to: 'accounts', label: 'Reseller' },
        line1: { label: 'Address' },
        line2: { label: 'Address, second line' },
      },
      ...{
        postalCode: {},
        city: {},
        region: {},
        country: {},
        vatId: { kind: 'text', label: 'VAT id' },
        taxNumber: {},
        registrationNumber: {},
      },
      ...{
        email: {},
        phone: {},
        website: {},
        bankHolder: {},
        iban: { label: 'IBAN' },
        bic: { label: 'BIC' },
        bankName: {},
        footer: {},
      },
      ...{
        taxPoint: {},
        smallBusiness: {},
        ossRegistered: { label: 'OSS registered' },
        timeZone: {},
        createdAt: { sortBy: 't.id' },
      },
      ...{ updatedAt: { label: 'Changed' }, id: {} },
    },
    list: ['legalName', 'accountId', 'country', 'vatId', 'taxPoint', 'timeZone'],
    filters: ['legalName', 'accountId', 'country'],
    sorts: ['createdAt'],
    related: [
      { label: 'Number series', to: 'series', filter: 'sellerId' },
      { label: 'Invoices', to: 'documents', filter: 'sellerId' },
    ],
  },
  {
    ...{ id: 'series', model: 'InvoiceSeries', label: 'Number series', group, may: 'look', title: 'pattern' },
    resellers: OWN_SELLER('t.seller_id'),
    columns: {
      ...{
        pattern: {},
        sellerId: { to: 'sellers', label: 'Seller' },
        kind: {},
        reset: {},
        year: {},
        lastNumber: {},
        id: {},
      },
    },
    list: ['pattern', 'sellerId', 'kind', 'reset', 'year', 'lastNumber'],
    filters: ['sellerId', 'kind'],
    sorts: ['id'],
  },
  {
    ...{ id: 'tax-rates', model: 'TaxRate', label: 'Tax rates', group, may: 'look', title: 'label' },
    key: ['territory', 'effectiveFrom'],
    resellers: null,
    columns: {
      label: { label: 'Rate', sql: `t.territory || ' from ' || t.effective_from` },
      ...{ territory: {}, effectiveFrom: {}, rateBps: {}, source: {}, createdAt: {} },
    },
    list: ['territory', 'effectiveFrom', 'rateBps', 'source'],
    filters: ['territory', 'effectiveFrom'],
    sorts: ['territory'],
    ascending: true,
  },
]
