import { writeSeller } from '../../src/invoicing/seller.ts'
import type { NewSeller } from '../../src/invoicing/seller-schema.ts'
import { formatVerifyReport, verifyLedger } from '../../src/ledger/verify/verify-ledger.ts'
import { uuidV7 } from '../../src/lib/uuid-v7.ts'
import { type Approval, approveOrder } from '../../src/orders/manual/approve-order.ts'
import { createManualOrder, type NewManualOrder } from '../../src/orders/manual/create-manual-order.ts'
import type { ManualOrderDeps } from '../../src/orders/manual/manual-order.ts'
import { type NewReceipt, recordReceipt } from '../../src/orders/manual/record-receipt.ts'
import type { PaymentOrder } from '../../src/orders/order.ts'
import { OrderError } from '../../src/orders/order-error.ts'
import { type MailWorld, openMailWorld } from '../mail/mail-world.ts'

export const SELLER: NewSeller = {
  legalName: 'Farebox Operations GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  bank: {
    holder: 'Farebox Operations GmbH',
    iban: 'DE89 3704 0044 0532 0130 00',
    bic: 'COBADEFFXXX',
    name: 'Commerzbank',
  },
  vatId: 'DE123456789',
  email: 'billing@farebox.example',
}

/** Above 10,000.00, somebody else approves. */
export const LIMIT_MINOR = 1_000_000n

/** What tests about bank transfers do: everything may be left out but what the test is about. */
export interface ManualWorld extends MailWorld {
  deps: ManualOrderDeps
  /** Three people of the staff: who opens orders, who records receipts, and who approves. */
  opener: string
  cashier: string
  approver: string
  /** The order of a fresh account with an owner: net 1,000.00 and tax 190.00, unless told otherwise. */
  order(more?: Partial<NewManualOrder>): Promise<PaymentOrder>
  receive(order: PaymentOrder, amountMinor: bigint, more?: Partial<NewReceipt>): ReturnType<typeof recordReceipt>
  approve(order: PaymentOrder, settlement: Approval['settlement'], more?: Partial<Approval>): Promise<PaymentOrder>
  select<Row>(sql: string, ...values: unknown[]): Promise<Row[]>
  /** The ledger entries of the order's account, the oldest first. */
  entries(order: PaymentOrder): Promise<{ kind: string; source_id: string; amount: string }[]>
  verify(): Promise<string>
}

export const CLEAN = 'ledger is clean'

export async function openManualWorld(currency = 'USD'): Promise<ManualWorld> {
  const mail = await openMailWorld()
  const { pool, clock } = mail
  const deps = { pool, clock, fourEyesLimitMinor: LIMIT_MINOR }
  const [opener, cashier, approver] = [uuidV7(clock), uuidV7(clock), uuidV7(clock)]
  await writeSeller(pool, clock, null, SELLER)
  const select: ManualWorld['select'] = async (sql, ...values) => (await pool.query(sql, values)).rows
  const account = async () => {
    const id = await mail.account()
    await pool.query('UPDATE wallet SET currency = $2 WHERE account_id = $1', [id, currency])
    await mail.member(id, 'OWNER', `${id}@example.com`)
    return id
  }
  return {
    ...mail,
    ...{ deps, opener, cashier, approver, select },
    order: async (more = {}) => {
      const accountId = more.accountId ?? (await account())
      const amounts = { netMinor: 100_000n, taxMinor: 19_000n, currency }
      return createManualOrder(deps, { ...amounts, actorId: opener, idempotencyKey: null, ...more, accountId })
    },
    receive: (order, amountMinor, more = {}) =>
      recordReceipt(deps, {
        ...{ orderId: order.id, bankReference: `statement ${uuidV7(clock)}`, amountMinor, currency },
        ...{ receivedOn: new Date(clock.now()).toISOString().slice(0, 10), actorId: cashier, idempotencyKey: null },
        ...more,
      }),
    approve: (order, settlement, more = {}) =>
      approveOrder(deps, { orderId: order.id, settlement, actorId: approver, idempotencyKey: null, ...more }),
    entries: (order) =>
      select(
        'SELECT kind::text, source_id, amount_nano::text AS amount FROM ledger_entry WHERE account_id = $1 ORDER BY seq',
        order.accountId,
      ),
    async verify() {
      const client = await pool.connect()
      try {
        const report = formatVerifyReport(await verifyLedger(client))
        return report.endsWith(CLEAN) ? CLEAN : report
      } finally {
        client.release()
      }
    },
  }
}

/** The code and the field of a refusal; anything else that is thrown is thrown on. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; field: string | null } | 'no refusal'> {
  try {
    await work
    return 'no refusal'
  } catch (error) {
    if (!(error instanceof OrderError)) throw error
    return { code: error.code, field: error.field }
  }
}
