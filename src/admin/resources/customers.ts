import { everybody, ofAccounts, type ResourceDefinition } from '../definition.ts'

const group = 'Customers' as const

export const CUSTOMER_RESOURCES: readonly ResourceDefinition[] = [
  {
    ...{ id: 'accounts', model: 'Account', label: 'Accounts', group, may: 'look', title: 'name' },
    resellers: ofAccounts('t.id'),
    columns: {
      ...{ name: { contains: true }, kind: {}, slug: {}, resellerId: { to: 'accounts' }, planId: { to: 'plans' } },
      balanceNano: { kind: 'nano', label: 'Balance', sql: `(SELECT balance_nano FROM wallet WHERE account_id = t.id)` },
      sellerFeeNano: { label: 'Processing fee per million tokens', digits: 'request' },
      development: {},
      ...{ disabledAt: { label: 'Disabled' }, createdAt: { label: 'Opened', sortBy: 't.id' }, id: {} },
    },
    currencySql: `(SELECT currency FROM wallet WHERE account_id = t.id)`,
    list: ['name', 'kind', 'resellerId', 'planId', 'balanceNano', 'disabledAt', 'createdAt'],
    filters: ['name', 'kind', 'slug', 'resellerId', 'planId', 'development', 'id'],
    sorts: ['createdAt', 'slug'],
    related: [
      { label: 'Customers', to: 'accounts', filter: 'resellerId' },
      { label: 'Ledger entries', to: 'entries', filter: 'accountId' },
      { label: 'Credit lots', to: 'lots', filter: 'accountId' },
      { label: 'Orders', to: 'orders', filter: 'accountId' },
      { label: 'Usage', to: 'usage', filter: 'accountId' },
      { label: 'Invoices', to: 'documents', filter: 'accountId' },
      { label: 'Adjustments', to: 'adjustments', filter: 'accountId' },
      { label: 'Members', to: 'members', filter: 'accountId' },
      { label: 'Projects', to: 'projects', filter: 'accountId' },
      { label: 'Access keys', to: 'keys', filter: 'accountId' },
      { label: 'Budgets', to: 'budgets', filter: 'accountId' },
      { label: 'Holds', to: 'holds', filter: 'accountId' },
      { label: 'Price rules', to: 'rules', filter: 'accountId' },
      { label: 'Mails', to: 'mails', filter: 'accountId' },
      { label: 'Audit log', to: 'audit', filter: 'accountId' },
    ],
  },
  {
    ...{ id: 'members', model: 'Membership', label: 'Members', group, may: 'look', title: 'person' },
    resellers: ofAccounts('t.account_id'),
    columns: {
      person: { sql: `(SELECT name FROM "user" WHERE id = t.user_id)` },
      email: { sql: `(SELECT email FROM "user" WHERE id = t.user_id)` },
      ...{ userId: { to: 'users', label: 'User' }, accountId: { to: 'accounts' }, role: {} },
      ...{ createdAt: { label: 'Since', sortBy: 't.id' }, id: {} },
    },
    list: ['person', 'email', 'accountId', 'role', 'createdAt'],
    filters: ['accountId', 'userId', 'role'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'users', model: 'User', label: 'Users', group, may: 'look', title: 'name' },
    // Who is a member of an account in the tree; the operator's staff never, even where they are members too.
    resellers: (reseller) =>
      `t.staff_role IS NULL AND t.id IN (SELECT m.user_id FROM membership m WHERE ${ofAccounts('m.account_id')(reseller)})`,
    columns: {
      ...{ name: { contains: true }, email: { kind: 'text' }, emailVerified: { label: 'E-mail verified' } },
      staffRole: { may: 'manage staff', label: 'Staff role' },
      ...{ twoFactorEnabled: { label: 'Second factor' }, timeZone: {}, disabledAt: { label: 'Disabled' } },
      ...{ createdAt: { label: 'Joined', sortBy: 't.id' }, id: {} },
    },
    list: ['name', 'email', 'staffRole', 'emailVerified', 'twoFactorEnabled', 'disabledAt', 'createdAt'],
    filters: ['name', 'email', 'staffRole', 'id'],
    sorts: ['createdAt', 'email'],
    related: [
      { label: 'Memberships', to: 'members', filter: 'userId' },
      { label: 'Acts in the audit log', to: 'audit', filter: 'actorId' },
    ],
  },
  {
    ...{ id: 'projects', model: 'Project', label: 'Projects', group, may: 'look', title: 'name' },
    resellers: ofAccounts('t.account_id'),
    columns: {
      ...{ name: {}, accountId: { to: 'accounts' }, createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['name', 'accountId', 'createdAt'],
    filters: ['name', 'accountId', 'id'],
    sorts: ['createdAt'],
    related: [
      { label: 'Access keys', to: 'keys', filter: 'projectId' },
      { label: 'Budgets', to: 'budgets', filter: 'projectId' },
      { label: 'Usage', to: 'usage', filter: 'projectId' },
    ],
  },
  {
    ...{ id: 'keys', model: 'AccessKey', label: 'Access keys', group, may: 'look', title: 'name' },
    resellers: ofAccounts('t.account_id'),
    columns: {
      ...{ name: {}, prefix: { sql: `t.prefix || '…'`, label: 'Key' }, accountId: { to: 'accounts' } },
      ...{ projectId: { to: 'projects' }, scopes: {}, allowedModels: {}, allowedIps: { label: 'Allowed addresses' } },
      ...{ maxOutputTokens: {}, expiresAt: { label: 'Expires' }, disabledAt: { label: 'Disabled' } },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['name', 'prefix', 'accountId', 'projectId', 'expiresAt', 'disabledAt', 'createdAt'],
    filters: ['name', 'accountId', 'projectId', 'id'],
    sorts: ['createdAt'],
    related: [
      { label: 'Budgets', to: 'budgets', filter: 'accessKeyId' },
      { label: 'Usage', to: 'usage', filter: 'accessKeyId' },
    ],
  },
  {
    ...{ id: 'budgets', model: 'Budget', label: 'Budgets', group, may: 'look', title: 'subject' },
    resellers: ofAccounts('t.account_id'),
    columns: {
      subject: {
        sql: `coalesce((SELECT 'Key ' || name FROM access_key WHERE id = t.access_key_id),
                       (SELECT 'Project ' || name FROM project WHERE id = t.project_id), 'The whole account')`,
      },
      ...{ accountId: { to: 'accounts' }, projectId: { to: 'projects' }, accessKeyId: { to: 'keys' }, period: {} },
      ...{ limitNano: {}, spentNano: {}, heldNano: { digits: 'request' }, periodStart: { label: 'Period began' } },
      ...{ createdAt: { sortBy: 't.id' }, id: {} },
    },
    list: ['subject', 'accountId', 'period', 'limitNano', 'spentNano', 'periodStart'],
    filters: ['accountId', 'projectId', 'accessKeyId', 'period'],
    sorts: ['createdAt'],
  },
  {
    ...{ id: 'plans', model: 'Plan', label: 'Plans', group, may: 'look', title: 'name' },
    resellers: everybody,
    columns: { name: { contains: true }, slug: {}, rank: {}, id: {} },
    list: ['name', 'slug', 'rank'],
    filters: ['name', 'slug'],
    sorts: ['rank', 'slug'],
    ascending: true,
    related: [
      { label: 'Accounts', to: 'accounts', filter: 'planId' },
      { label: 'Packages', to: 'packages', filter: 'planId' },
    ],
  },
]
