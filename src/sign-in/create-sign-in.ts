import { hkdfSync } from 'node:crypto'
import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { twoFactor } from 'better-auth/plugins/two-factor'
import type { Pool } from 'pg'
import { hashPassword, verifyPassword } from '../accounts/password.ts'
import { uuidV7 } from '../lib/uuid-v7.ts'
import { createBackupCodes } from './backup-codes.ts'
import { SESSION_IDLE_MS, SESSION_LIFETIME_MS } from './session-lifetime.ts'
import type { SignInDeps, Visit } from './sign-in-deps.ts'

export interface SignIn extends SignInDeps {
  readonly auth: Auth
  /** Signs what is not a session: tokens in forms. */
  readonly formKey: Buffer
  readonly isSecure: boolean
}

type Auth = ReturnType<typeof createAuth>

const KEY_BYTES = 32
/** Read by the library for the session's row; set by us alone, from what the server saw. */
const IP_HEADER = 'x-farebox-visitor-ip'

/**
 * Sign-in for everybody: passwords, sessions and second factors by better-auth, on our tables. Its own addresses are not
 * served: pages call it, so that every limit and check of ours comes first.
 */
export function createSignIn(deps: SignInDeps): SignIn {
  const isSecure = deps.publicUrl.startsWith('https:')
  return { ...deps, auth: createAuth(deps, isSecure), formKey: derive(deps.secret, 'farebox/forms/1'), isSecure }
}

function createAuth({ pool, clock, logger, secret, publicUrl }: SignInDeps, isSecure: boolean) {
  return betterAuth({
    appName: 'Farebox',
    baseURL: publicUrl,
    secret: derive(secret, 'farebox/sign-in/1').toString('base64url'),
    database: pool,
    telemetry: { enabled: false },
    // Its words may name an address; failures that matter are thrown, and told of by whoever called.
    logger: { level: 'error', log: (level, message) => logger.warn({ level, message }, 'sign-in') },
    user: {
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      fields: {
        ...{ userId: 'user_id', expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
        ...{ ipAddress: 'ip_address', userAgent: 'user_agent' },
      },
      expiresIn: SESSION_LIFETIME_MS / 1_000,
      disableSessionRefresh: true,
    },
    account: {
      modelName: 'sign_in_method',
      fields: {
        ...{ userId: 'user_id', accountId: 'subject_id', providerId: 'provider_id', password: 'password_hash' },
        ...{ accessToken: 'access_token', refreshToken: 'refresh_token', idToken: 'id_token' },
        ...{ accessTokenExpiresAt: 'access_token_expires_at', refreshTokenExpiresAt: 'refresh_token_expires_at' },
        ...{ createdAt: 'created_at', updatedAt: 'updated_at' },
      },
    },
    verification: {
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      requireEmailVerification: true,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(password, hash) },
    },
    advanced: {
      cookiePrefix: 'farebox',
      useSecureCookies: isSecure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
      database: { generateId: () => uuidV7(clock) },
    },
    databaseHooks: {
      session: {
        create: {
          // The library would take the machine's time; ours is the one that rules are tested by.
          before: async (session) => {
            await refuseDisabled(pool, session.userId)
            const now = clock.now()
            await forgetEnded(pool, session.userId, now)
            const times = { createdAt: new Date(now), updatedAt: new Date(now) }
            return { data: { ...session, ...times, expiresAt: new Date(now + SESSION_LIFETIME_MS) } }
          },
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: 'Farebox',
        backupCodeOptions: { storeBackupCodes: 'encrypted', customBackupCodesGenerate: createBackupCodes },
        schema: {
          user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
          twoFactor: {
            modelName: 'two_factor',
            fields: {
              ...{ userId: 'user_id', backupCodes: 'backup_codes', lockedUntil: 'locked_until' },
              failedVerificationCount: 'failed_verification_count',
            },
          },
        },
      }),
    ],
  })
}

/** Said in the words for a wrong password: who is disabled is nobody's business. */
async function refuseDisabled(pool: Pool, userId: string): Promise<void> {
  const { rowCount } = await pool.query('SELECT FROM "user" WHERE id = $1 AND disabled_at IS NULL', [userId])
  if (rowCount === 0) throw new APIError('UNAUTHORIZED', { code: 'INVALID_EMAIL_OR_PASSWORD' })
}

/** Sessions that have ended go when their person signs in again, so that they never pile up. */
async function forgetEnded(pool: Pool, userId: string, now: number): Promise<void> {
  await pool.query('DELETE FROM session WHERE user_id = $1 AND (expires_at <= $2 OR updated_at <= $3)', [
    ...[userId, new Date(now), new Date(now - SESSION_IDLE_MS)],
  ])
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES))
}

/** What the library is told of a visit; nothing that the visitor could have made up but cookies and the browser's name. */
export function headersOf({ cookie, userAgent, ip }: Visit): Headers {
  const headers = new Headers({ [IP_HEADER]: ip })
  if (cookie !== undefined) headers.set('cookie', cookie)
  if (userAgent !== undefined) headers.set('user-agent', userAgent)
  return headers
}
