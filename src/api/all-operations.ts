import type { Gateway } from '../gateway/gateway.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import type { Operation } from './operation.ts'
import { apiKeysOperations } from './operations/api-keys.ts'
import { autoTopUpOperations } from './operations/auto-top-up.ts'
import { billingProfileOperations } from './operations/billing-profile.ts'
import { configurationOperations } from './operations/configuration.ts'
import { creditsOperations } from './operations/credits.ts'
import { exportsOperations } from './operations/exports.ts'
import { invoicesOperations } from './operations/invoices.ts'
import { keysOperations } from './operations/keys.ts'
import { paymentMethodsOperations } from './operations/payment-methods.ts'
import { projectsOperations } from './operations/projects.ts'
import { statementsOperations } from './operations/statements.ts'
import { transactionsOperations } from './operations/transactions.ts'
import { usageOperations } from './operations/usage.ts'
import { usageEventsOperations } from './operations/usage-events.ts'

/** The whole route table of the management API, in the order of its document; what is asked for most comes first. */
export function allOperations(gateway: Gateway, desk: CashDesk): Operation[] {
  return [
    ...creditsOperations(gateway, desk),
    ...transactionsOperations(gateway),
    ...keysOperations(gateway),
    ...projectsOperations(gateway),
    ...usageOperations(gateway),
    ...usageEventsOperations(gateway, desk),
    ...paymentMethodsOperations(desk),
    ...autoTopUpOperations(desk),
    ...invoicesOperations(desk),
    ...billingProfileOperations(desk, desk.vatRegister),
    ...statementsOperations(gateway, desk),
    ...exportsOperations(gateway, desk),
    ...configurationOperations(gateway),
    ...apiKeysOperations(gateway),
  ]
}
