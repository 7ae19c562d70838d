import { createHash, randomBytes } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'

const YEAR_SECONDS = 31_536_000
const NONCE_BYTES = 16

export interface SecurityHeaderOptions {
  /** With https, browsers are told to come by nothing else. */
  publicUrl: string
  /** Where forms may lead besides ourselves: to the payment page. Browsers check each redirect of a form as well. */
  paymentOrigins?: readonly string[]
}

/** For the portal's pages: everything comes from us, and nothing that runs or styles stands in the page itself. */
export function pageHeaders(options: SecurityHeaderOptions): RequestHandler[] {
  return headers(options, {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    formAction: ["'self'", ...(options.paymentOrigins ?? [])],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  })
}

/** What the back office's page ends with; the same in every one. */
const ADMIN_START = `
        var app = document.getElementById('app');
        var root = createRoot(app)
        root.render(AdminJS.Application);
      `
const ADMIN_START_HASH = createHash('sha256').update(ADMIN_START).digest('base64')
/** The page's state is JSON, in which no line ever breaks: it ends where the line does. */
const ADMIN_STATE = /<script>(\s*window\.REDUX_STATE = )(.*);$/m

/**
 * For the back office. AdminJS styles by script, so styles may stand in the page; of scripts only the two that it puts
 * there: one is known by its hash, the other, which differs each time, is given a nonce on its way out. AdminJS writes its
 * state into the latter as it is; here it is made to stay within the script, whatever a name or a note contains.
 */
export function adminHeaders(options: SecurityHeaderOptions): RequestHandler[] {
  const nonce: RequestHandler = (_request, response, next) => {
    response.locals.nonce = randomBytes(NONCE_BYTES).toString('base64')
    const send = response.send.bind(response)
    response.send = (body) => {
      if (typeof body !== 'string') return send(body)
      return send(
        body.replace(ADMIN_STATE, (_all, name: string, state: string) => {
          return `<script nonce="${response.locals.nonce}">${name}${state.replaceAll('<', '\\u003c')};`
        }),
      )
    }
    next()
  }
  const ownNonce = (_request: unknown, response: unknown) => `'nonce-${(response as Response).locals.nonce}'`
  return [
    nonce,
    ...headers(options, {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", ownNonce, `'sha256-${ADMIN_START_HASH}'`],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    }),
  ]
}

type Directives = NonNullable<
  Exclude<NonNullable<Parameters<typeof helmet>[0]>['contentSecurityPolicy'], boolean | undefined>['directives']
>

function headers({ publicUrl }: SecurityHeaderOptions, directives: Directives): RequestHandler[] {
  const isSecure = publicUrl.startsWith('https:')
  const noStore: RequestHandler = (_request, response, next) => {
    // Pages hold what is somebody's: no cache keeps them, and Back shows nothing after signing out.
    response.set({
      'cache-control': 'no-store',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    })
    next()
  }
  return [
    noStore,
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives },
      strictTransportSecurity: isSecure ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false,
      referrerPolicy: { policy: 'no-referrer' },
      xFrameOptions: { action: 'deny' },
      crossOriginEmbedderPolicy: false,
    }),
  ]
}
