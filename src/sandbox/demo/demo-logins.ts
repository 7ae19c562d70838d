import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { createAccessKeySecret } from '../../accounts/access-key-secret.ts'
import { readIfPresent, writePrivate } from '../../lib/private-file.ts'

const login = z.object({ email: z.email(), password: z.string() })
const customerLogin = login.extend({ accessKey: z.string() })
const demoLogins = z.object({
  baseUrl: z.url(),
  operator: login,
  finance: login,
  /** Somebody else's approval takes somebody else. */
  finance2: login,
  support: login,
  reseller: login,
  customer: customerLogin,
  resellerCustomer: customerLogin,
})
export type DemoLogins = z.infer<typeof demoLogins>

const PASSWORD_BYTES = 12

function newLogin(name: string): z.infer<typeof login> {
  return { email: `${name}@demo.farebox.test`, password: randomBytes(PASSWORD_BYTES).toString('base64url') }
}

function newLogins(baseUrl: string): DemoLogins {
  const customer = (name: string) => ({ ...newLogin(name), accessKey: createAccessKeySecret().secret })
  return {
    baseUrl,
    operator: newLogin('operator'),
    finance: newLogin('finance'),
    finance2: newLogin('finance2'),
    support: newLogin('support'),
    reseller: newLogin('reseller'),
    customer: customer('customer'),
    resellerCustomer: customer('reseller-customer'),
  }
}

export function demoLoginsFile(dataDirectory: string): string {
  return join(dataDirectory, 'demo.json')
}

/**
 * The demo's logins, as kept in the data directory. They are written before anything is seeded by them, so that a start
 * that dies in between is finished by the next one with the same logins.
 */
export async function demoLoginsIn(dataDirectory: string, baseUrl: string): Promise<DemoLogins> {
  const kept = await readIfPresent(demoLoginsFile(dataDirectory))
  // Whoever was not in the demo yet when it was written down gets a login of their own.
  const logins = demoLogins.parse({ ...newLogins(baseUrl), ...(kept !== null && JSON.parse(kept)), baseUrl })
  await writePrivate(demoLoginsFile(dataDirectory), `${JSON.stringify(logins, null, 2)}\n`)
  return logins
}
