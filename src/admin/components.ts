import { resolve } from 'node:path'
import { ComponentLoader } from 'adminjs'

const FOLDER = resolve(import.meta.dirname, 'components')

/** The pages for acting, in a folder of their own. */
const ACTING = [
  ...['ApprovalsPage', 'NewOrderPage', 'OrderPage', 'AdjustPage', 'AccountPage', 'CustomersPage', 'OpenAccountPage'],
  ...['DisputesPage', 'CodesPage', 'StaffPage', 'SellersPage', 'RatesPage', 'WebhooksPage', 'SettingsPage'],
] as const

/** Our own components, by the name that definitions know them by. Each is a file of that name, in kebab case. */
const ADDED = [
  ...[
    'Amount',
    'AmountFilter',
    'Moment',
    'MomentFilter',
    'Day',
    'DayFilter',
    'State',
    'Flag',
    'Percentage',
    'PercentageFilter',
  ],
  ...[
    'RowLink',
    'StructuredText',
    'Hash',
    'PlainText',
    'NumberValue',
    'NumberFilter',
    'RelatedLists',
    'Documents',
    'Rates',
  ],
  ...['Dashboard', 'Margins'],
  ...ACTING,
] as const
export type ComponentName = (typeof ADDED)[number]

/** Parts of AdminJS that look or behave otherwise with us. */
const OVERRIDDEN = [
  'TopBar',
  'SidebarBranding',
  'SidebarFooter',
  'SidebarPages',
  'DefaultListAction',
  'DefaultShowAction',
  'NoRecords',
  'LoggedIn',
] as const

export function fileOf(component: string): string {
  const kebab = component.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase()
  const isActing = (ACTING as readonly string[]).includes(component)
  return resolve(FOLDER, isActing ? 'acting' : '.', `${kebab}.jsx`)
}

/** All components that pages are made of. Whoever adds one here has it in the next bundle. */
export function componentLoader(): ComponentLoader {
  const loader = new ComponentLoader()
  for (const name of ADDED) loader.add(name, fileOf(name))
  for (const name of OVERRIDDEN) loader.override(name, fileOf(name))
  return loader
}
