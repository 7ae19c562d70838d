import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import { formatDecimalNano } from '../../money/nano.ts'
import { NotificationError } from '../../notifications/notification-error.ts'
import { readNotificationSetting, setNotificationSetting } from '../../notifications/notification-setting.ts'
import { listDeliveries, resendDelivery } from '../../notifications/webhook-deliveries.ts'
import {
  addEndpoint,
  listEndpoints,
  removeEndpoint,
  sendTest,
  type WebhookDeps,
} from '../../notifications/webhook-endpoint.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { amountNanoOf, textOf } from '../keys/form-text.ts'
import { sendPage } from '../page.ts'
import { MONEY_SETTING_ROLES } from '../roles.ts'
import { addressOf } from '../usage/usage-filter.ts'
import { shownDelivery } from './shown-delivery.ts'

const PER_PAGE = 50
const UUID = z.uuid().optional().catch(undefined)
type Problems = Record<string, string>

/** What an account is told of: by mail, and by webhooks to its own programs. */
export function notificationPagesRouter(desk: CashDesk, secret: string): Router {
  const router = Router()
  const { pool, clock, currency, isSandbox, nudge } = desk
  const webhooks: WebhookDeps = { pool, clock, secret, isSandbox }
  const account = (request: Request) => accountOf(request, MONEY_SETTING_ROLES)

  async function showMails(
    request: Request,
    response: Response,
    status: number,
    typed: string | null,
    problems: Problems,
  ) {
    const setting = await readNotificationSetting(pool, account(request).accountId)
    const threshold = setting.lowBalanceNano === null ? '' : formatDecimalNano(setting.lowBalanceNano)
    const isChecked = (name: string, kept: boolean) => (typed === null ? kept : request.body[name] === 'on')
    sendPage(response, status, 'settings/notifications', {
      title: 'Notifications',
      styles: ['usage.css'],
      ...{ problems, currency, toldAt: setting.lowBalanceToldAt, threshold: typed ?? threshold },
      expiryMails: isChecked('expiryMails', setting.expiryMails),
      topUpMails: isChecked('topUpMails', setting.topUpMails),
    })
  }

  router.get('/settings/notifications', requirePerson, (request, response) =>
    showMails(request, response, 200, null, {}),
  )

  router.post('/settings/notifications', requirePerson, async (request, response) => {
    const { accountId } = account(request)
    const typed = textOf(request.body, 'threshold')
    const lowBalanceNano = typed === '' ? null : amountNanoOf(typed)
    if (typed !== '' && lowBalanceNano === null) {
      return showMails(request, response, 422, typed, { threshold: 'Enter an amount such as 20 or 1,250.00.' })
    }
    const { userId } = signedInPerson(request)
    const [expiryMails, topUpMails] = [request.body.expiryMails === 'on', request.body.topUpMails === 'on']
    try {
      await setNotificationSetting(desk, { accountId, lowBalanceNano, expiryMails, topUpMails, userId })
    } catch (error) {
      return showMails(request, response, 422, typed, { threshold: refusal(error).message })
    }
    flash(response, 'What you are told of is saved.')
    response.redirect(303, '/settings/notifications')
  })

  async function showWebhooks(request: Request, response: Response, status: number, problems: Problems = {}) {
    const { accountId } = account(request)
    const cursor = UUID.parse(request.query.cursor || undefined) ?? null
    const { deliveries, next } = await listDeliveries(pool, accountId, { cursor, limit: PER_PAGE })
    sendPage(response, status, 'settings/webhooks', {
      title: 'Webhooks',
      styles: ['usage.css'],
      endpoints: await listEndpoints(webhooks, accountId),
      deliveries: deliveries.map(shownDelivery),
      ...{ problems, isSandbox, url: textOf(request.body, 'url'), isFirst: cursor === null },
      nextPath: next === null ? null : addressOf('/settings/webhooks', { cursor: next }),
    })
  }

  router.get('/settings/webhooks', requirePerson, (request, response) => showWebhooks(request, response, 200))

  router.post('/settings/webhooks', requirePerson, async (request, response) => {
    const { accountId } = account(request)
    const { userId } = signedInPerson(request)
    try {
      const added = await addEndpoint(webhooks, { accountId, url: textOf(request.body, 'url'), userId })
      const data = { title: 'Webhooks', styles: ['usage.css'], scripts: ['copy.js'], ...added }
      sendPage(response, 201, 'settings/webhook-added', data)
    } catch (error) {
      const { message, field } = refusal(error)
      await showWebhooks(request, response, 422, { [field ?? 'form']: message })
    }
  })

  router.post('/settings/webhooks/:id/remove', requirePerson, async (request, response) => {
    const { accountId } = account(request)
    await found(removeEndpoint(webhooks, accountId, String(request.params.id)))
    flash(response, 'The address is told nothing more.')
    response.redirect(303, '/settings/webhooks')
  })

  router.post('/settings/webhooks/:id/test', requirePerson, async (request, response) => {
    const { accountId } = account(request)
    const deliveryId = await found(sendTest(webhooks, accountId, String(request.params.id)))
    nudge({ job: 'webhook-delivery', deliveryId })
    flash(response, 'A test is on its way. How it went stands below.')
    response.redirect(303, '/settings/webhooks')
  })

  router.post('/settings/webhooks/deliveries/:id/resend', requirePerson, async (request, response) => {
    const { accountId } = account(request)
    const deliveryId = String(request.params.id)
    await found(resendDelivery(pool, accountId, deliveryId))
    nudge({ job: 'webhook-delivery', deliveryId })
    flash(response, 'It is sent again.')
    response.redirect(303, '/settings/webhooks')
  })

  return router
}

/** @throws whatever is no refusal */
function refusal(error: unknown): NotificationError {
  if (error instanceof NotificationError) return error
  throw error
}

/** Whatever is refused of an id is not there. */
function found<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    refusal(error)
    throw new PageError('not found')
  })
}
