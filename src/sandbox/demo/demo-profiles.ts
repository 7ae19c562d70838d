import type { Pool } from 'pg'
import { type BillingProfile, changeBillingProfile } from '../../accounts/billing-profile.ts'
import type { Clock } from '../../lib/clock.ts'

/** To whom the demo's invoices are made out: a business at home, one across a border, and a customer of the reseller. */
const PROFILES: Readonly<Record<string, BillingProfile>> = {
  acme: {
    ...{ name: 'Acme Robotics GmbH', email: 'accounts@acme.farebox.test', line1: 'Hafenstraße 7', line2: null },
    ...{ postalCode: '20457', city: 'Hamburg', region: null, country: 'DE' },
    ...{ taxIdType: 'eu_vat', taxIdValue: 'DE129273398' },
  },
  northwind: {
    ...{
      name: 'Northwind Cloud SARL',
      email: 'billing@northwind.farebox.test',
      line1: '10 rue de la Paix',
      line2: null,
    },
    ...{ postalCode: '75002', city: 'Paris', region: null, country: 'FR' },
    ...{ taxIdType: 'eu_vat', taxIdValue: 'FR83404833048' },
  },
  tailspin: {
    ...{ name: 'Tailspin Toys SAS', email: 'compta@tailspin.farebox.test', line1: '3 quai des Brumes', line2: null },
    ...{ postalCode: '69002', city: 'Lyon', region: null, country: 'FR' },
    ...{ taxIdType: null, taxIdValue: null },
  },
}

/** Writes the profiles of accounts that have none yet. */
export async function seedProfiles(pool: Pool, clock: Clock): Promise<void> {
  for (const [slug, profile] of Object.entries(PROFILES)) {
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM account WHERE slug = $1', [slug])
    const [account] = rows
    if (!account) throw new Error(`the demo has no account ${slug}`)
    const by = { source: 'portal', actorId: null } as const
    await changeBillingProfile({ pool, clock }, account.id, profile, by, (version) => version === 0)
  }
}
