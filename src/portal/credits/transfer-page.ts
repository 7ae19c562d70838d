import { type Request, Router } from 'express'
import QRCode from 'qrcode'
import { z } from 'zod'
import { accountOf } from '../../http/chosen-account.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { bankDetails, payableSeller } from '../../orders/manual/payable-seller.ts'
import { type ProForma, proForma } from '../../orders/manual/pro-forma.ts'
import { OrderError } from '../../orders/order-error.ts'
import { orderPath } from '../../orders/order-path.ts'
import { sendPage } from '../page.ts'
import { badge } from '../status-badge.ts'
import { fieldOf } from './form-fields.ts'
import { MONEY_ROLES } from './money-roles.ts'
import { shownMinor } from './shown-amount.ts'

const UUID = z.uuid()

const STATES = {
  open: { title: 'Waiting for your transfer', badge: badge('Awaiting payment', 'waiting') },
  paid: { title: 'Paid by bank transfer', badge: badge('Paid', 'done') },
  canceled: { title: 'This purchase is canceled', badge: badge('Canceled', 'over') },
} as const

/** How a purchase by bank transfer is paid: where to, how much, under which reference. */
export function transferPageRouter(desk: CashDesk): Router {
  const router = Router()

  async function transferOf(request: Request): Promise<ProForma> {
    const { accountId } = accountOf(request, MONEY_ROLES)
    const id = fieldOf(request.params, 'id')
    if (!UUID.safeParse(id).success) throw new PageError('not found')
    try {
      return await proForma(desk, id, accountId)
    } catch (error) {
      if (error instanceof OrderError && error.code === 'order_not_found') throw new PageError('not found')
      throw error
    }
  }

  router.get('/bank-transfers/:id', requirePerson, async (request, response) => {
    const transfer = await transferOf(request)
    const { currency, status } = transfer
    const isOpen = status === 'open' && transfer.openMinor > 0n
    const seller = isOpen ? await payableSeller(desk.pool, accountOf(request).accountId) : null
    sendPage(response, 200, 'credits-transfer', {
      ...STATES[status],
      amount: shownMinor(isOpen ? transfer.openMinor : transfer.totalMinor, currency),
      received: transfer.receivedMinor > 0n ? shownMinor(transfer.receivedMinor, currency) : null,
      net: shownMinor(transfer.netMinor, currency),
      tax: transfer.taxMinor > 0n ? shownMinor(transfer.taxMinor, currency) : null,
      bank: seller && bankDetails(seller),
      ...{ isOpen, reference: transfer.printedReference, dueOn: transfer.dueOn },
      qr: transfer.epcPayload && isOpen ? await QRCode.toString(transfer.epcPayload, { type: 'svg', margin: 0 }) : null,
      pdfPath: `${request.path}/pro-forma.pdf`,
      receiptPath: orderPath(transfer.orderId),
    })
  })

  router.get('/bank-transfers/:id/pro-forma.pdf', requirePerson, async (request, response) => {
    const transfer = await transferOf(request)
    // Fonts and all are loaded by the first who asks for one.
    const { renderProForma } = await import('../../orders/manual/render-pro-forma.ts')
    const content = await renderProForma(transfer)
    response.set({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="pro-forma-${transfer.reference}.pdf"`,
      'cache-control': 'private, no-store',
    })
    response.send(content)
  })

  return router
}
