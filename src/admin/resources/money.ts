import { CUSTOMER_OF, ofAccounts, type ResourceDefinition } from '../definition.ts'

const group = 'Money' as const
const OWN = ofAccounts('t.account_id')
/** What a person did, or an access key, or nobody in particular: shown as a person where it was one. */
const ACTOR = { to: 'users' } as const

export const MONEY_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{ id: 'wallets', model: 'Wallet', label: 'Wallets', group, may: 'look', title: 'owner', key: ['accountId'] },
    resellers: OWN,
    columns: {
      owner: { sql: `(SELECT name FROM account WHERE id = t.account_id)`, label: 'Account name' },
      ...{
        accountId: { to: 'accounts' },
        currency: {},
        balanceNano: {},
        heldNano: { digits: 'request' },
        debtNano: {},
      },
      availableNano: { kind: 'nano', sql: 't.balance_nano - t.held_nano' },
      ...{ entrySeq: { label: 'Entries' }, entryHash: { label: 'Hash of the last entry' } },
      ...{ topUpBelowNano: { label: 'Auto top-up below' }, topUpDueAt: { label: 'Top-up due since' } },
    },
    list: ['accountId', 'balanceNano', 'heldNano', 'debtNano', 'entrySeq', 'topUpBelowNano'],
    filters: ['accountId', 'balanceNano', 'debtNano', 'topUpDueAt'],
    sorts: ['accountId'],
    related: [
      { label: 'Ledger entries', to: 'entries', filter: 'accountId' },
      { label: 'Credit lots', to: 'lots', filter: 'accountId' },
    ],
  },
  {
    ...{ id: 'lots', model: 'CreditLot', label: 'Credit lots', group, may: 'look', title: 'label' },
    resellers: OWN,
    columns: {
      label: { label: 'Lot', sql: `t.source_kind || ' of ' || to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')` },
      ...{ accountId: { to: 'accounts' }, sourceKind: { label: 'Source' }, promotional: {}, priority: {} },
      ...{ grantedNano: {}, remainingNano: {}, heldNano: { digits: 'request' }, frozenNano: {}, open: {} },
      // As the general ledger has it: what is still owed for it is deferred revenue.
      paid: { kind: 'flag', label: 'Paid for', sql: `(NOT (t.promotional OR t.source_kind = 'GRANT'))` },
      currency: { sql: `(SELECT currency FROM wallet WHERE account_id = t.account_id)` },
      resellerId: CUSTOMER_OF,
      ...{ expiresAt: { label: 'Expires' }, createdAt: { label: 'Granted', sortBy: 't.id' }, sourceId: {}, id: {} },
    },
    list: ['label', 'accountId', 'promotional', 'grantedNano', 'remainingNano', 'frozenNano', 'expiresAt'],
    filters: [
      ...['accountId', 'resellerId', 'sourceKind', 'promotional', 'paid', 'open', 'currency', 'remainingNano'],
      ...['expiresAt', 'createdAt', 'sourceId'],
    ],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'entries', model: 'LedgerEntry', label: 'Ledger entries', group, may: 'look', title: 'label' },
    key: ['accountId', 'seq'],
    resellers: OWN,
    columns: {
      label: { label: 'Entry', sql: `(SELECT name FROM account WHERE id = t.account_id) || ' #' || t.seq` },
      ...{ accountId: { to: 'accounts' }, seq: { label: 'Number' }, kind: {} },
      ...{
        amountNano: { digits: 'request' },
        balanceAfterNano: { digits: 'request', label: 'Balance after' },
        currency: {},
      },
      ...{ reason: {}, actorId: { ...ACTOR, label: 'By' }, createdAt: { label: 'Booked' } },
      ...{ sourceId: { label: 'Cause' }, lotIds: { label: 'Lots' }, hash: {} },
    },
    list: ['createdAt', 'label', 'kind', 'amountNano', 'balanceAfterNano', 'reason'],
    filters: ['accountId', 'kind', 'createdAt', 'amountNano', 'sourceId', 'actorId'],
    sorts: ['createdAt'],
    window: { column: 'createdAt', days: 7, unless: ['accountId', 'sourceId'] },
    leftOut: {
      condition: `t.kind = 'USAGE_DEBIT'`,
      unless: ['accountId', 'kind', 'sourceId'],
      note: 'Without the debits of usage: choose an account or a kind in the filter to see them.',
    },
    orderWithin: { filter: 'accountId', sql: 't.seq' },
  },
  {
    ...{ id: 'holds', model: 'Hold', label: 'Holds', group, may: 'look', title: 'requestId', key: ['requestId'] },
    resellers: OWN,
    columns: {
      ...{ requestId: { label: 'Request' }, accountId: { to: 'accounts' }, resellerId: { to: 'accounts' } },
      ...{ projectId: { to: 'projects' }, accessKeyId: { to: 'keys' }, model: {}, surface: {}, streaming: {} },
      ...{ amountNano: { digits: 'request' }, resellerAmountNano: { digits: 'request', label: 'Of the reseller' } },
      costBoundNano: { digits: 'request', may: 'look at costs', label: 'Cost at most' },
      ...{
        outputTokensMax: { label: 'Output tokens at most' },
        authorizedAt: { label: 'Since' },
        deadlineAt: { label: 'Deadline' },
      },
    },
    currencySql: `(SELECT currency FROM wallet WHERE account_id = t.account_id)`,
    list: ['authorizedAt', 'accountId', 'model', 'amountNano', 'deadlineAt', 'requestId'],
    filters: ['accountId', 'model', 'requestId'],
    sorts: ['requestId'],
  },
]
