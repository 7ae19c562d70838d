import { GROUPS, type ResourceDefinition } from './definition.ts'
import { CATALOG_RESOURCES } from './resources/catalog.ts'
import { CUSTOMER_RESOURCES } from './resources/customers.ts'
import { INVOICING_RESOURCES } from './resources/invoicing.ts'
import { MONEY_RESOURCES } from './resources/money.ts'
import { OPERATIONS_RESOURCES } from './resources/operations.ts'
import { ORDER_RESOURCES } from './resources/orders.ts'

const ALL = [
  ...[...MONEY_RESOURCES, ...ORDER_RESOURCES, ...CUSTOMER_RESOURCES],
  ...[...CATALOG_RESOURCES, ...INVOICING_RESOURCES, ...OPERATIONS_RESOURCES],
]

/** Every list of the back office, in the order of the menu. */
export const RESOURCES: readonly ResourceDefinition[] = GROUPS.flatMap((group) =>
  ALL.filter((definition) => definition.group === group),
)
