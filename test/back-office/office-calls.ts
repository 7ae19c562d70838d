import type { Actor } from '../../src/accounts/actor.ts'
import { decideAdjustmentFor, requestAdjustmentFor } from '../../src/back-office/adjust.ts'
import { changePlan, renameAccount, setAccountAccess, setDevelopment } from '../../src/back-office/change-account.ts'
import { createCodesFor, disableCodeFor } from '../../src/back-office/codes.ts'
import { listActs } from '../../src/back-office/list-acts.ts'
import {
  approveOrderFor,
  cancelOrderFor,
  createOrderFor,
  recordReceiptFor,
} from '../../src/back-office/manual-orders.ts'
import { changeMemberRole, removeMember } from '../../src/back-office/members.ts'
import { addNote } from '../../src/back-office/notes.ts'
import { openCustomerFor, openResellerFor } from '../../src/back-office/open-account.ts'
import { cancelBankRefundFor, requestRefundFor, settleBankRefundFor } from '../../src/back-office/refund-orders.ts'
import { addTaxRateFor, writeSellerFor } from '../../src/back-office/sellers.ts'
import { changeStaffRole, listStaff, setPersonAccess } from '../../src/back-office/staff.ts'
import { replayWebhookFor } from '../../src/back-office/webhooks.ts'
import type { EXPECTED } from './expected-rights.ts'
import { creditFor, type OfficeWorld, RESELLER_SELLER, UNIT } from './office-world.ts'

/** What an act is about. */
export interface Named {
  accountId: string
  orderId: string
  refundId: string
  adjustmentId: string
  codeId: string
  userId: string
  /** Whose customers are opened, and whose seller is written; null = the operator. */
  resellerId: string | null
}

type Call = (world: OfficeWorld, actor: Actor, named: Named) => Promise<unknown>

const idempotencyKey = null
const webhookDeps = ({ deps, pool, clock }: OfficeWorld) =>
  ({ ...deps, pool, clock, vatRegister: null, count: () => undefined }) as unknown as Parameters<
    typeof replayWebhookFor
  >[0]

/** Every use case that changes something, or that not everybody may look at, with the permission that it takes. */
export const CALLS: readonly (readonly [name: string, permission: keyof typeof EXPECTED, call: Call])[] = [
  [
    'note',
    'write notes',
    ({ deps }, who, { accountId }) => addNote(deps, who, { accountId, text: 'Hello', idempotencyKey }),
  ],
  ['audit log', 'look at the audit log', ({ deps }, who) => listActs(deps, who)],
  [
    'open customer',
    'open accounts',
    ({ deps }, who, { resellerId }) => openCustomerFor(deps, who, { name: 'New', resellerId, idempotencyKey }),
  ],
  ['open reseller', 'open resellers', ({ deps }, who) => openResellerFor(deps, who, { name: 'New', idempotencyKey })],
  [
    'rename',
    'change accounts',
    ({ deps }, who, { accountId }) => renameAccount(deps, who, { accountId, name: 'Other' }),
  ],
  ['plan', 'change accounts', ({ deps }, who, { accountId }) => changePlan(deps, who, { accountId, planId: null })],
  [
    'development',
    'change accounts',
    ({ deps }, who, { accountId }) => setDevelopment(deps, who, { accountId, development: true }),
  ],
  [
    'disable account',
    'change accounts',
    ({ deps }, who, { accountId }) => setAccountAccess(deps, who, { accountId, disabled: true }),
  ],
  [
    'member role',
    'invite people',
    ({ deps }, who, { accountId, userId }) => changeMemberRole(deps, who, { accountId, userId, role: 'VIEWER' }),
  ],
  [
    'remove member',
    'invite people',
    ({ deps }, who, { accountId, userId }) => removeMember(deps, who, { accountId, userId }),
  ],
  ['staff', 'manage staff', ({ deps }, who) => listStaff(deps, who)],
  [
    'staff role',
    'manage staff',
    ({ deps }, who, { userId }) => changeStaffRole(deps, who, { userId, staffRole: null }),
  ],
  [
    'disable person',
    'manage staff',
    ({ deps }, who, { userId }) => setPersonAccess(deps, who, { userId, disabled: true }),
  ],
  [
    'create order',
    'create manual orders',
    ({ deps }, who, { accountId }) =>
      createOrderFor(deps, who, { accountId, netMinor: 10_000n, currency: 'USD', idempotencyKey }),
  ],
  [
    'record receipt',
    'record receipts',
    ({ deps, clock }, who, { orderId }) =>
      recordReceiptFor(deps, who, {
        ...{ orderId, bankReference: `line of ${orderId} ${who.userId}`, amountMinor: 1n, currency: 'USD' },
        ...{ receivedOn: new Date(clock.now()).toISOString().slice(0, 10), idempotencyKey },
      }),
  ],
  [
    'approve order',
    'approve orders',
    ({ deps }, who, { orderId }) => approveOrderFor(deps, who, { orderId, settlement: 'EXACT', idempotencyKey }),
  ],
  [
    'cancel order',
    'cancel orders',
    ({ deps }, who, { orderId }) => cancelOrderFor(deps, who, { orderId, reason: 'Not wanted', idempotencyKey }),
  ],
  [
    'adjust',
    'adjust credits',
    ({ deps }, who, { accountId }) => requestAdjustmentFor(deps, who, creditFor(accountId, UNIT)),
  ],
  [
    'decide adjustment',
    'approve adjustments',
    ({ deps }, who, { adjustmentId }) =>
      decideAdjustmentFor(deps, who, { adjustmentId, decision: 'reject', note: 'No', idempotencyKey }),
  ],
  [
    'request refund',
    'refund orders',
    ({ deps }, who, { orderId }) =>
      requestRefundFor(deps, who, { orderId, totalMinor: null, reason: 'Asked for', idempotencyKey }),
  ],
  [
    'settle refund',
    'refund orders',
    ({ deps }, who, { refundId }) => settleBankRefundFor(deps, who, { refundId, bankReference: 'X', idempotencyKey }),
  ],
  [
    'cancel refund',
    'refund orders',
    ({ deps }, who, { refundId }) => cancelBankRefundFor(deps, who, { refundId, reason: 'Mistake', idempotencyKey }),
  ],
  [
    'make codes',
    'make codes',
    ({ deps }, who) =>
      createCodesFor(deps, who, {
        ...{ count: 2, amountNano: UNIT, currency: 'USD', creditDays: 30, expiresAt: null, note: null },
      }),
  ],
  ['disable code', 'make codes', ({ deps }, who, { codeId }) => disableCodeFor(deps, who, codeId)],
  ['replay webhook', 'replay webhooks', (world, who) => replayWebhookFor(webhookDeps(world), who, 'evt_1')],
  [
    'seller',
    'change sellers',
    ({ deps }, who, { resellerId }) => writeSellerFor(deps, who, resellerId, RESELLER_SELLER),
  ],
  [
    'tax rate',
    'change tax rates',
    ({ deps }, who) => addTaxRateFor(deps, who, { territory: 'DE', from: '2027-01-01', rateBps: 2_000, source: 'Act' }),
  ],
]
