import express, { type ErrorRequestHandler, type Request, Router } from 'express'
import { requireMay } from '../../../back-office/acting.ts'
import { PageError } from '../../../http/page-error.ts'
import { actorOfRequest } from '../../actor-of-request.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import { sendExact } from '../exact-json.ts'
import * as accounts from './account-acts.ts'
import { account } from './account-view.ts'
import type { Act, Asked, View } from './acting.ts'
import { adjust, adjustmentPreview } from './adjust-view.ts'
import { decideAdjustment, requestAdjustment } from './adjustment-acts.ts'
import { approvals } from './approvals-view.ts'
import { customers, openAccount } from './customers-view.ts'
import { newOrder, orderPreview } from './new-order-view.ts'
import * as office from './office-acts.ts'
import { codes, disputes, settings, staff, taxRates, webhooks } from './office-views.ts'
import * as orders from './order-acts.ts'
import { order, refundPreview } from './order-view.ts'
import * as people from './people-acts.ts'
import { refusedOf } from './refused.ts'
import { writeSeller } from './seller-act.ts'
import { sellers } from './sellers-view.ts'

/** A form with the largest file that a use case takes. */
const FORM_BYTES_MAX = 8 * 1024 * 1024

export const VIEWS: Readonly<Record<string, View>> = {
  ...{ approvals, order, account, adjust, customers, staff, codes, webhooks, disputes, sellers, settings },
  ...{ 'new-order': newOrder, 'order-preview': orderPreview, 'refund-preview': refundPreview },
  ...{ 'adjustment-preview': adjustmentPreview, 'open-account': openAccount, 'tax-rates': taxRates },
}

export const ACTS: Readonly<Record<string, Act>> = {
  ...{
    'order-create': orders.createOrder,
    'order-receipt': orders.recordReceipt,
    'order-approve': orders.approveOrder,
  },
  ...{
    'order-cancel': orders.cancelOrder,
    'refund-request': orders.requestRefund,
    'refund-settle': orders.settleRefund,
  },
  ...{ 'refund-cancel': orders.cancelRefund, 'adjustment-request': requestAdjustment },
  ...{ 'adjustment-decide': decideAdjustment, 'customer-open': accounts.openCustomer },
  ...{ 'reseller-open': accounts.openReseller, 'account-rename': accounts.rename, 'account-plan': accounts.plan },
  ...{ 'account-access': accounts.access, 'account-development': accounts.development, 'note-add': accounts.noteAdded },
  ...{ 'member-invite': people.inviteToAccount, 'member-role': people.roleOfMember },
  ...{ 'member-remove': people.removeFromAccount, 'staff-invite': people.inviteToStaff },
  ...{ 'staff-role': people.roleOfStaff, 'person-access': people.accessOfPerson, 'codes-make': office.makeCodes },
  ...{ 'code-disable': office.disableCode, 'webhook-replay': office.replayWebhook },
  ...{ 'tax-rate-add': office.addTaxRate, 'exchange-rate-add': office.addRate, 'seller-write': writeSeller },
}

/**
 * What the acting pages read and send, in front of AdminJS: reads by GET, changes by POST alone. The door has checked where
 * a POST comes from; the use cases check the role and the scope, and write down what was done or refused.
 */
export function actingRouter(deps: AdminDeps): Router {
  const router = Router()
  router.get('/data/acting/:view', async (request, response) => {
    const { view: name } = request.params
    const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined
    if (!view) throw new PageError('not found')
    const { actor } = actorOfRequest(request)
    await requireMay(deps, actor, view.may, { kind: 'page', id: name, accountId: null }, `pages.${name}`)
    sendExact(response, await view.read(deps, actor, askedOf(request)))
  })
  router.post('/data/acting/:act', express.json({ limit: FORM_BYTES_MAX }), async (request, response) => {
    const name = request.params.act as string
    const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined
    if (!act) throw new PageError('not found')
    sendExact(response, await act(deps, actorOfRequest(request).actor, request.body))
  })
  router.use(refusals)
  return router
}

const refusals: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  if (error?.type === 'entity.too.large') {
    return sendExact(response, { code: 'too_large', message: 'The file must have at most 5 MiB.', field: null }, 413)
  }
  if (error?.type === 'entity.parse.failed') throw new PageError('forged')
  const refused = refusedOf(error)
  if (!refused) return next(error)
  const { status, ...told } = refused
  sendExact(response, told, status)
}

function askedOf({ query }: Request): Asked {
  return Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
