import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../lib/clock.ts'
import { canonicalCountry } from './tax/country-code.ts'
import type { CountryEvidence } from './tax/country-evidence.ts'

/** The country of the bank that gave out the card (Regulation 282/2011, article 24f(c): bank details). */
export const CARD_SOURCE = 'card_issuer'

/**
 * Notes in the caller's transaction where the card of an order's payment is from; the first that was told stays. What is no
 * country is left out.
 */
export async function recordCardCountry(
  client: ClientBase,
  clock: Clock,
  orderId: string,
  cardCountry: string | null,
): Promise<void> {
  const country = canonicalCountry(cardCountry)
  if (country === null) return
  await client.query(
    `INSERT INTO order_country_evidence (order_id, source, country, recorded_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [orderId, CARD_SOURCE, country, new Date(clock.now())],
  )
}

/** What the payments of several orders say about where their buyer is: of each source the last, by the order of the ids. */
export async function readEvidenceOfOrders(
  client: ClientBase | Pool,
  orderIds: readonly string[],
): Promise<readonly CountryEvidence[]> {
  const { rows } = await client.query<CountryEvidence>(
    `SELECT DISTINCT ON (source) source, country FROM order_country_evidence
     WHERE order_id = ANY ($1::uuid[]) ORDER BY source, array_position($1::uuid[], order_id)`,
    [orderIds],
  )
  return rows
}

/** What an order's payment says about where its buyer is. */
export async function readOrderEvidence(
  client: ClientBase | Pool,
  orderId: string,
): Promise<readonly CountryEvidence[]> {
  const { rows } = await client.query<CountryEvidence>(
    'SELECT source, country FROM order_country_evidence WHERE order_id = $1 ORDER BY source',
    [orderId],
  )
  return rows
}
