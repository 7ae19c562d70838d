import { ofAccounts, type ResourceDefinition } from '../definition.ts'

const group = 'Operations' as const
const COSTS = { may: 'look at costs' } as const
const REQUEST = { digits: 'request' } as const
/**
 * A UUIDv7 begins with its time, and the partitions are ranges of it; the time itself decides, as it does in sums. Between
 * the two a clock may be set.
 */
const BY_UUID_TIME = (id: string) => (parameter: string) =>
  [
    `(t.created_at >= ${parameter} AND ${id} >= uuid_v7_floor(${parameter} - interval '10 minutes'))`,
    `(t.created_at < ${parameter} AND ${id} < uuid_v7_floor(${parameter} + interval '10 minutes'))`,
  ] as const

export const OPERATIONS_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{ id: 'usage', model: 'UsageEvent', label: 'Usage', group, may: 'look', title: 'id' },
    resellers: (reseller) => `(t.reseller_id = ${reseller} OR t.account_id = ${reseller})`,
    columns: {
      createdAt: { label: 'Requested', sortBy: 't.id', rangeOf: BY_UUID_TIME('t.id') },
      ...{
        accountId: { to: 'accounts' },
        resellerId: { to: 'accounts' },
        projectId: { to: 'projects' },
        accessKeyId: { to: 'keys' },
      },
      ...{ model: {}, surface: {}, status: {}, httpStatus: { label: 'HTTP status' }, errorCode: {} },
      ...{ streaming: {}, estimated: {}, ownKey: { label: 'Own provider key' }, inputTokens: {}, cacheReadTokens: {} },
      ...{
        cacheWrite5mTokens: { label: 'Cache write tokens (5 min)' },
        cacheWrite1hTokens: { label: 'Cache write tokens (1 h)' },
      },
      ...{
        outputTokens: {},
        reasoningTokens: {},
        currency: {},
        priceNano: REQUEST,
        listNano: { ...REQUEST, label: 'List price' },
      },
      ...{ wholesaleNano: REQUEST, costNano: { ...REQUEST, ...COSTS }, exposureNano: { ...REQUEST, ...COSTS } },
      revenueNano: {
        ...REQUEST,
        ...COSTS,
        kind: 'nano',
        label: 'Revenue',
        sql: 'CASE WHEN t.reseller_id IS NULL THEN t.price_nano ELSE t.wholesale_nano END',
      },
      operatorMarginNano: {
        ...REQUEST,
        ...COSTS,
        kind: 'nano',
        label: 'Margin',
        sql: 't.wholesale_nano - t.cost_nano',
      },
      ...{ operatorFeeNano: { ...REQUEST, ...COSTS }, sellerFeeNano: REQUEST, latencyMs: { label: 'Latency, ms' } },
      ...{ firstByteMs: { label: 'First byte, ms' }, attempts: COSTS, routeId: { to: 'routes', ...COSTS } },
      ...{ providerId: { to: 'providers', ...COSTS }, upstreamModel: COSTS, costProfileId: { to: 'costs', ...COSTS } },
      ...{
        listPriceId: { to: 'list-prices' },
        operatorRuleId: { to: 'rules', ...COSTS },
        resellerRuleId: { to: 'rules' },
      },
      ...{ clientIp: { label: 'From address' }, userAgent: {}, id: { label: 'Request' } },
    },
    list: [
      'createdAt',
      'accountId',
      'model',
      'status',
      'priceNano',
      'costNano',
      'inputTokens',
      'outputTokens',
      'latencyMs',
    ],
    filters: [
      ...[
        'createdAt',
        'accountId',
        'resellerId',
        'projectId',
        'accessKeyId',
        'model',
        'status',
        'errorCode',
        'providerId',
      ],
      ...['routeId', 'currency', 'priceNano', 'costNano', 'id'],
    ],
    sorts: ['createdAt'],
    window: { column: 'createdAt', days: 7, unless: ['accountId', 'id'] },
    related: [
      { label: 'Route attempts', to: 'attempts', filter: 'requestId' },
      { label: 'Ledger entries', to: 'entries', filter: 'sourceId' },
    ],
  },
  {
    ...{
      id: 'attempts',
      model: 'RouteAttempt',
      label: 'Route attempts',
      group,
      ...COSTS,
      title: 'label',
      resellers: null,
    },
    key: ['requestId', 'ordinal'],
    columns: {
      label: { label: 'Attempt', sql: `'Attempt ' || t.ordinal` },
      createdAt: { label: 'Tried', sortBy: 't.request_id', rangeOf: BY_UUID_TIME('t.request_id') },
      ...{
        requestId: { to: 'usage' },
        ordinal: { label: 'Number' },
        routeId: { to: 'routes' },
        providerId: { to: 'providers' },
      },
      ...{
        httpStatus: { label: 'HTTP status' },
        errorCode: {},
        latencyMs: { label: 'Latency, ms' },
        costNano: REQUEST,
      },
    },
    list: ['createdAt', 'requestId', 'ordinal', 'providerId', 'httpStatus', 'errorCode', 'latencyMs', 'costNano'],
    filters: ['requestId', 'providerId', 'errorCode', 'createdAt'],
    sorts: ['createdAt'],
    window: { column: 'createdAt', days: 7, unless: ['requestId'] },
  },
  {
    ...{
      id: 'webhooks',
      model: 'WebhookEvent',
      label: 'Webhook events',
      group,
      may: 'look at webhooks',
      title: 'id',
      resellers: null,
    },
    columns: {
      ...{
        receivedAt: { label: 'Received' },
        type: {},
        state: {},
        reason: {},
        orderId: { to: 'orders' },
        provider: { label: 'From' },
      },
      ...{
        livemode: { label: 'Live' },
        attempts: {},
        occurredAt: { label: 'Occurred' },
        processedAt: { label: 'Processed' },
      },
      ...{ payload: {}, id: { kind: 'exact', label: 'Event' } },
    },
    list: ['receivedAt', 'type', 'state', 'orderId', 'reason', 'attempts'],
    filters: ['type', 'state', 'orderId', 'receivedAt', 'id'],
    sorts: ['receivedAt'],
  },
  {
    ...{ id: 'mails', model: 'Mail', label: 'Mails', group, may: 'look', title: 'template' },
    resellers: ofAccounts('t.account_id'),
    // What a mail says may open something, such as a link to a new password: only that it was sent is for looking at.
    columns: {
      ...{
        createdAt: { sortBy: 't.id' },
        recipient: {},
        template: {},
        accountId: { to: 'accounts' },
        state: {},
        attempts: {},
      },
      ...{ sentAt: { label: 'Sent' }, nextAttemptAt: { label: 'Next attempt' }, error: {}, id: {} },
    },
    list: ['createdAt', 'recipient', 'template', 'accountId', 'state', 'sentAt'],
    filters: ['recipient', 'template', 'accountId', 'state', 'createdAt'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'exports', model: 'ExportRequest', label: 'Exports', group, may: 'look', title: 'label' },
    resellers: ofAccounts('t.account_id'),
    columns: {
      label: {
        label: 'Export',
        sql: `t.kind || ' (' || t.format || ') of ' || to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
      },
      ...{ accountId: { to: 'accounts' }, kind: {}, format: {} },
      state: { kind: 'state', values: ['PENDING', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED'] },
      ...{
        rangeFrom: { label: 'From' },
        rangeTo: { label: 'To' },
        rowsTotal: {},
        rowsDone: {},
        sizeBytes: {},
        attempts: {},
        error: {},
      },
      ...{
        sha256: { label: 'Hash of the file' },
        requestedBy: { to: 'users' },
        createdAt: { label: 'Requested', sortBy: 't.id' },
      },
      ...{ finishedAt: { label: 'Finished' }, expiresAt: { label: 'Expires' }, id: {} },
    },
    list: ['createdAt', 'accountId', 'kind', 'format', 'state', 'rowsTotal', 'sizeBytes', 'expiresAt'],
    filters: ['accountId', 'kind', 'state', 'createdAt'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'audit', model: 'AuditEntry', label: 'Audit log', group, may: 'look at the audit log', title: 'label' },
    resellers: (reseller) => `t.reseller_id = ${reseller}`,
    columns: {
      label: { label: 'Act', sql: `'#' || t.seq || ' ' || t.action` },
      ...{
        happenedAt: { label: 'Happened', sortBy: 't.seq' },
        seq: { label: 'Number' },
        actorName: { label: 'By' },
        actorId: { to: 'users', label: 'User' },
      },
      ...{
        actorRole: { label: 'Role' },
        resellerId: { to: 'accounts' },
        clientIp: { label: 'From address' },
        action: {},
      },
      ...{
        subjectKind: { label: 'Kind of subject' },
        subjectId: { kind: 'exact', label: 'Subject' },
        accountId: { to: 'accounts' },
      },
      outcome: { kind: 'state', values: ['DONE', 'REFUSED'] },
      ...{ reason: {}, content: { kind: 'json', label: 'Before and after' }, hash: {}, id: {} },
    },
    list: ['happenedAt', 'actorName', 'action', 'subjectKind', 'accountId', 'outcome', 'reason'],
    filters: [
      'happenedAt',
      'actorId',
      'actorRole',
      'action',
      'subjectKind',
      'subjectId',
      'accountId',
      'outcome',
      'seq',
    ],
    sorts: ['happenedAt', 'seq'],
  },
  {
    ...{
      id: 'settings',
      model: 'Setting',
      label: 'Settings',
      group,
      may: 'change settings',
      title: 'key',
      key: ['key'],
      resellers: null,
    },
    columns: { key: {}, value: {} },
    list: ['key', 'value'],
    filters: ['key'],
    sorts: ['key'],
    ascending: true,
  },
]
