import type { AdminPage } from '../../pages.ts'

const BOTH = ['OPERATOR', 'RESELLER'] as const
const OPERATOR = ['OPERATOR'] as const
/** They read by themselves, from `/admin/data/acting`. */
const handler = async () => ({})

/** The pages for acting. What is about one row is led to from lists, and is in no menu. */
export const ACTING_PAGES = {
  approvals: { label: 'Approvals', sides: BOTH, may: 'look', component: 'ApprovalsPage', icon: 'CheckSquare', handler },
  'new-order': {
    label: 'New order',
    sides: BOTH,
    may: 'create manual orders',
    component: 'NewOrderPage',
    icon: 'FilePlus',
    handler,
  },
  customers: {
    label: 'Customers',
    sides: ['RESELLER'],
    may: 'look',
    component: 'CustomersPage',
    icon: 'Users',
    handler,
  },
  'open-account': {
    label: 'Open an account',
    sides: BOTH,
    may: 'open accounts',
    component: 'OpenAccountPage',
    icon: 'UserPlus',
    handler,
  },
  disputes: { label: 'Disputes', sides: BOTH, may: 'look', component: 'DisputesPage', icon: 'AlertTriangle', handler },
  codes: {
    label: 'Redemption codes',
    sides: OPERATOR,
    may: 'make codes',
    component: 'CodesPage',
    icon: 'Gift',
    handler,
  },
  staff: { label: 'Staff', sides: OPERATOR, may: 'manage staff', component: 'StaffPage', icon: 'Users', handler },
  sellers: {
    label: 'Seller and numbers',
    sides: BOTH,
    may: 'change sellers',
    component: 'SellersPage',
    icon: 'FileText',
    handler,
  },
  rates: {
    label: 'Tax and exchange rates',
    sides: OPERATOR,
    may: 'change tax rates',
    component: 'RatesPage',
    icon: 'Percent',
    handler,
  },
  webhooks: {
    label: 'Webhook inbox',
    sides: OPERATOR,
    may: 'look at webhooks',
    component: 'WebhooksPage',
    icon: 'Inbox',
    handler,
  },
  settings: {
    label: 'Settings',
    sides: OPERATOR,
    may: 'change settings',
    component: 'SettingsPage',
    icon: 'Settings',
    handler,
  },
  order: {
    label: 'Order',
    sides: BOTH,
    may: 'look',
    component: 'OrderPage',
    icon: 'FileText',
    handler,
    isInMenu: false,
  },
  account: {
    label: 'Account',
    sides: BOTH,
    may: 'look',
    component: 'AccountPage',
    icon: 'User',
    handler,
    isInMenu: false,
  },
  adjust: {
    label: 'Adjust credits',
    sides: BOTH,
    may: 'adjust credits',
    component: 'AdjustPage',
    icon: 'Edit',
    handler,
    isInMenu: false,
  },
} as const satisfies Readonly<Record<string, AdminPage>>
