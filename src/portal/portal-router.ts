import { type RequestHandler, Router } from 'express'
import { flashes } from '../http/flash.ts'
import { personSession } from '../http/person-session.ts'
import { sameOrigin } from '../http/same-origin.ts'
import { pageHeaders } from '../http/security-headers.ts'
import type { CashDesk } from '../orders/cash-desk.ts'
import type { SignIn } from '../sign-in/create-sign-in.ts'
import { moneyPagesRouter } from './credits/money-pages.ts'
import { exportPagesRouter } from './exports/export-pages.ts'
import { homePageRouter } from './home-page.ts'
import { invitationPagesRouter } from './invitation-pages.ts'
import { keyPagesRouter } from './keys/key-pages.ts'
import type { ModelSource } from './overview-model.ts'
import { overviewPageRouter } from './overview-page.ts'
import { answerPageErrors, sendProblem } from './problem-page.ts'
import { projectPagesRouter } from './projects/project-pages.ts'
import { requestPagesRouter } from './requests/request-pages.ts'
import { securityPagesRouter } from './security-pages.ts'
import { apiKeyPagesRouter } from './settings/api-key-pages.ts'
import { notificationPagesRouter } from './settings/notification-pages.ts'
import { settingsPagesRouter } from './settings/settings-pages.ts'
import { sandboxBanner } from './shell.ts'
import { signInPagesRouter } from './sign-in-pages.ts'
import { signUpPagesRouter } from './sign-up-pages.ts'
import { usagePageRouter } from './usage/usage-page.ts'

/** Addresses that programs ask for, or that have an order of their own: nothing below concerns them. */
const NOT_PAGES = /^\/(credits\/.|(v1|v1beta|webhooks|admin|assets|healthz|readyz|metrics)(\/|$))/

export interface PortalDeps {
  signIn: SignIn
  desk: CashDesk
  /** What may be called, for a first request. */
  models: ModelSource
  /** What the secrets of webhooks are sealed under. */
  secret: string
  /** Where forms may lead besides ourselves. */
  paymentOrigins: readonly string[]
}

/** Everything in front of a page, in its order: headers, who asks, whether the change is theirs, and what is said next. */
export function pageStack({ signIn, paymentOrigins }: Pick<PortalDeps, 'signIn' | 'paymentOrigins'>): RequestHandler[] {
  const { publicUrl, isSandbox, pool } = signIn
  return [
    ...pageHeaders({ publicUrl, paymentOrigins }),
    sandboxBanner(isSandbox),
    flashes(signIn),
    personSession(signIn, pool),
    ...sameOrigin(signIn),
  ]
}

/**
 * The portal: every page, behind one stack that none can forget. Mounted after what programs ask for; more pages are
 * more routers, before `noSuchPage`.
 */
export function portalRouter(deps: PortalDeps): Router {
  const { signIn, desk, models, secret } = deps
  const router = Router()
  router.use((request, _response, next) => next(NOT_PAGES.test(request.path) ? 'router' : undefined))
  router.use(pageStack(deps))
  router.use(homePageRouter())
  router.use(overviewPageRouter(desk, models))
  router.use(moneyPagesRouter(desk))
  router.use(signInPagesRouter(signIn))
  router.use(signUpPagesRouter(signIn))
  router.use(invitationPagesRouter(signIn))
  router.use(securityPagesRouter(signIn))
  router.use(usagePageRouter(desk))
  router.use(requestPagesRouter(desk))
  router.use(exportPagesRouter(desk))
  router.use(keyPagesRouter(desk))
  router.use(projectPagesRouter(desk))
  router.use(settingsPagesRouter(signIn))
  router.use(notificationPagesRouter(desk, secret))
  router.use(apiKeyPagesRouter(desk))
  router.use(noSuchPage)
  router.use(answerPageErrors(signIn.logger))
  return router
}

const noSuchPage: RequestHandler = (request, response, next) => {
  // A program that lost its way is told so in its own language.
  if (!request.accepts(['json', 'html']) || request.accepts(['json', 'html']) === 'json') return next('router')
  sendProblem(response, 404, 'not found')
}
