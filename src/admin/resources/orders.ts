import { CUSTOMER_OF, ofAccounts, type ResourceDefinition } from '../definition.ts'

const group = 'Money' as const
const OWN = ofAccounts('t.account_id')
/** What a person did, or an access key, or nobody in particular: shown as a person where it was one. */
const ACTOR = { to: 'users' } as const

/** How money comes in, goes back, and is adjusted. */
export const ORDER_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{ id: 'orders', model: 'PaymentOrder', label: 'Orders', group, may: 'look', title: 'reference' },
    resellers: OWN,
    columns: {
      ...{ number: {}, reference: { kind: 'exact' }, accountId: { to: 'accounts' }, kind: {}, state: {} },
      ...{
        provider: { label: 'Paid through' },
        livemode: { label: 'Live' },
        packageId: { to: 'packages' },
        planId: { to: 'plans' },
      },
      ...{
        currency: {},
        netMinor: {},
        taxMinor: {},
        totalMinor: {},
        creditNano: { label: 'Credits' },
        bonusNano: { label: 'Bonus' },
      },
      ...{ receivedMinor: {}, refundedMinor: {}, withdrawnNano: { label: 'Credits withdrawn' }, settlement: {} },
      ...{
        creditDays: { label: 'Credits last, days' },
        lotId: { to: 'lots' },
        bonusLotId: { to: 'lots', label: 'Bonus lot' },
      },
      ...{ paymentIntentId: { kind: 'exact' }, checkoutSessionId: { kind: 'exact' } },
      ...{ failureCode: {}, failureMessage: {}, note: {}, createdById: { ...ACTOR, label: 'Created by' } },
      ...{ approvedById: { ...ACTOR, label: 'Approved by' }, approvedAt: { label: 'Approved' } },
      ...{ createdAt: { sortBy: 't.number' }, expiresAt: { label: 'Expires' }, paidAt: { label: 'Paid' } },
      ...{ closedAt: { label: 'Closed' }, checkedAt: { label: 'Last checked' } },
      moneyReceived: { kind: 'flag', sql: '(t.received_minor > 0)' },
      ...{ resellerId: CUSTOMER_OF, id: {} },
    },
    list: ['reference', 'accountId', 'kind', 'state', 'totalMinor', 'creditNano', 'createdAt', 'paidAt'],
    filters: [
      ...['reference', 'number', 'accountId', 'kind', 'state', 'provider', 'packageId', 'currency', 'totalMinor'],
      ...['createdAt', 'paidAt', 'moneyReceived', 'resellerId', 'paymentIntentId', 'id'],
    ],
    sorts: ['createdAt', 'number'],
    related: [
      { label: 'Moves from state to state', to: 'transitions', filter: 'orderId' },
      { label: 'Bank receipts', to: 'receipts', filter: 'orderId' },
      { label: 'Refunds', to: 'refunds', filter: 'orderId' },
      { label: 'Disputes', to: 'disputes', filter: 'orderId' },
      { label: 'Invoices', to: 'documents', filter: 'orderId' },
      { label: 'Ledger entries', to: 'entries', filter: 'sourceId' },
      { label: 'Webhook events', to: 'webhooks', filter: 'orderId' },
    ],
  },
  {
    ...{ id: 'transitions', model: 'OrderTransition', label: 'Order moves', group, may: 'look', title: 'label' },
    key: ['orderId', 'ordinal'],
    resellers: (reseller) =>
      `t.order_id IN (SELECT o.id FROM payment_order o WHERE ${ofAccounts('o.account_id')(reseller)})`,
    columns: {
      label: { label: 'Move', sql: `coalesce(t.from_state || ' → ', '') || t.to_state` },
      ...{
        orderId: { to: 'orders' },
        ordinal: { label: 'Number' },
        fromState: { label: 'From' },
        toState: { label: 'To' },
      },
      ...{ cause: {}, actorId: { ...ACTOR, label: 'By' }, createdAt: { label: 'Moved', sortBy: 't.order_id' } },
    },
    list: ['createdAt', 'orderId', 'fromState', 'toState', 'cause', 'actorId'],
    filters: ['orderId', 'toState', 'createdAt', 'actorId'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'receipts', model: 'BankReceipt', label: 'Bank receipts', group, may: 'look', title: 'bankReference' },
    resellers: (reseller) =>
      `t.order_id IN (SELECT o.id FROM payment_order o WHERE ${ofAccounts('o.account_id')(reseller)})`,
    columns: {
      ...{
        bankReference: { kind: 'exact' },
        orderId: { to: 'orders' },
        currency: {},
        amountMinor: {},
        receivedOn: { label: 'Received' },
      },
      ...{
        evidence: {},
        recordedById: { ...ACTOR, label: 'Recorded by' },
        recordedAt: { label: 'Recorded', sortBy: 't.id' },
        id: {},
      },
    },
    list: ['receivedOn', 'bankReference', 'orderId', 'amountMinor', 'recordedById', 'recordedAt'],
    filters: ['bankReference', 'orderId', 'amountMinor', 'receivedOn'],
    sorts: ['recordedAt'],
  },
  {
    ...{ id: 'refunds', model: 'Refund', label: 'Refunds', group, may: 'look', title: 'label' },
    resellers: OWN,
    columns: {
      label: {
        label: 'Refund',
        sql: `coalesce(t.provider_refund_id, 'Refund') || ' of ' || to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
      },
      ...{ orderId: { to: 'orders' }, accountId: { to: 'accounts' }, provider: { label: 'Through' }, state: {} },
      ...{
        currency: {},
        netMinor: {},
        taxMinor: {},
        totalMinor: {},
        creditNano: { label: 'Credits' },
        bonusNano: { label: 'Bonus' },
      },
      ...{
        frozenNano: {},
        frozenBonusNano: {},
        external: { label: 'Made at the provider' },
        reason: {},
        failureCode: {},
      },
      ...{ providerRefundId: { kind: 'exact' }, actorId: { ...ACTOR, label: 'By' }, attempts: {} },
      ...{
        nextAttemptAt: { label: 'Next attempt' },
        createdAt: { sortBy: 't.id' },
        closedAt: { label: 'Closed' },
        id: {},
      },
    },
    list: ['createdAt', 'orderId', 'accountId', 'state', 'totalMinor', 'reason', 'closedAt'],
    filters: ['orderId', 'accountId', 'state', 'providerRefundId', 'totalMinor', 'createdAt'],
    sorts: ['createdAt'],
    related: [{ label: 'Credit notes', to: 'documents', filter: 'refundId' }],
  },
  {
    ...{ id: 'disputes', model: 'Dispute', label: 'Disputes', group, may: 'look', title: 'providerDisputeId' },
    resellers: OWN,
    columns: {
      ...{
        providerDisputeId: { kind: 'exact', label: 'Dispute' },
        orderId: { to: 'orders' },
        accountId: { to: 'accounts' },
        state: {},
      },
      ...{ currency: {}, amountMinor: {}, reason: {}, frozenNano: {}, frozenBonusNano: {}, clawedBackNano: {} },
      ...{ openedAt: { label: 'Opened', sortBy: 't.id' }, closedAt: { label: 'Closed' } },
      ...{ resellerId: CUSTOMER_OF, id: {} },
    },
    list: ['openedAt', 'orderId', 'accountId', 'state', 'amountMinor', 'reason', 'closedAt'],
    filters: ['orderId', 'accountId', 'resellerId', 'state', 'currency', 'providerDisputeId', 'openedAt'],
    sorts: ['openedAt'],
  },
  {
    ...{
      id: 'top-ups',
      model: 'AutoTopUp',
      label: 'Auto top-ups',
      group,
      may: 'look',
      title: 'owner',
      key: ['accountId'],
    },
    resellers: OWN,
    columns: {
      owner: { sql: `(SELECT name FROM account WHERE id = t.account_id)`, label: 'Account name' },
      ...{
        accountId: { to: 'accounts' },
        enabled: {},
        currency: {},
        thresholdNano: { label: 'When below' },
        amountMinor: { label: 'Add' },
      },
      ...{
        dailyCapMinor: {},
        monthlyCapMinor: {},
        failures: {},
        lastResult: {},
        lastAttemptAt: { label: 'Last attempt' },
      },
      ...{
        nextAttemptAt: { label: 'Next attempt' },
        suspendedAt: { label: 'Suspended' },
        suspendedReason: {},
        updatedAt: { label: 'Changed' },
      },
      failing: { kind: 'flag', sql: '(t.failures > 0 AND t.suspended_at IS NULL)' },
      suspended: { kind: 'flag', label: 'Is suspended', sql: '(t.suspended_at IS NOT NULL)' },
      resellerId: CUSTOMER_OF,
    },
    list: [
      'accountId',
      'enabled',
      'thresholdNano',
      'amountMinor',
      'monthlyCapMinor',
      'failures',
      'suspendedAt',
      'lastResult',
    ],
    filters: [...['accountId', 'resellerId', 'enabled', 'failing', 'suspended', 'currency', 'failures', 'suspendedAt']],
    sorts: ['accountId'],
  },
  {
    ...{ id: 'codes', model: 'RedemptionCode', label: 'Redemption codes', group, may: 'look', title: 'hint' },
    resellers: null,
    columns: {
      ...{
        hint: { sql: `'…' || t.hint`, label: 'Code' },
        currency: {},
        amountNano: {},
        creditDays: { label: 'Credits last, days' },
      },
      ...{
        expiresAt: { label: 'Expires' },
        note: {},
        createdById: { ...ACTOR, label: 'Created by' },
        disabledAt: { label: 'Disabled' },
      },
      ...{ redeemedByAccountId: { to: 'accounts', label: 'Redeemed by' }, redeemedAt: { label: 'Redeemed' } },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['hint', 'amountNano', 'redeemedByAccountId', 'redeemedAt', 'expiresAt', 'disabledAt', 'createdAt'],
    filters: ['hint', 'redeemedByAccountId', 'amountNano', 'createdAt', 'redeemedAt'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'adjustments', model: 'Adjustment', label: 'Adjustments', group, may: 'look', title: 'label' },
    // What the operator's people have adjusted and why is theirs; the entry itself is in the ledger for all to see.
    resellers: (reseller) => `${OWN(reseller)} AND t.reseller_id = ${reseller}`,
    columns: {
      label: { label: 'Adjustment', sql: `t.kind || ' of ' || to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')` },
      ...{ accountId: { to: 'accounts' }, kind: {}, state: {}, currency: {}, amountNano: {}, reason: {} },
      ...{
        lotId: { to: 'lots' },
        expiresAt: { label: 'Expires' },
        promotional: {},
        attachmentName: { label: 'Attachment' },
      },
      ...{ createdById: { ...ACTOR, label: 'Asked by' }, createdAt: { label: 'Asked', sortBy: 't.id' } },
      ...{ decidedById: { ...ACTOR, label: 'Decided by' }, decidedAt: { label: 'Decided' }, decisionNote: {} },
      ...{ resellerId: { to: 'accounts' }, id: {} },
    },
    list: ['createdAt', 'accountId', 'kind', 'state', 'amountNano', 'reason', 'createdById'],
    filters: ['accountId', 'resellerId', 'kind', 'state', 'currency', 'amountNano', 'createdAt', 'createdById'],
    sorts: ['createdAt'],
  },
]
