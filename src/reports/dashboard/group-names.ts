import type { ClientBase } from 'pg'
import { NONE } from '../sql/usage-figures.ts'
import type { BusinessGroup } from './sql/sum-business.ts'

/** What groups without one are called. */
const WITHOUT: Readonly<Record<BusinessGroup, string>> = {
  model: 'No model',
  provider: 'No provider reached',
  customer: 'No customer',
  reseller: 'Direct customers',
}

const NAMES: Readonly<Partial<Record<BusinessGroup, string>>> = {
  provider: 'SELECT id, name FROM provider WHERE id = ANY ($1::uuid[])',
  customer: 'SELECT id, name FROM account WHERE id = ANY ($1::uuid[])',
  reseller: 'SELECT id, name FROM account WHERE id = ANY ($1::uuid[])',
}

/** The names of groups; an id whose row is gone stands for itself. */
export async function nameGroups(
  client: ClientBase,
  group: BusinessGroup,
  keys: readonly string[],
): Promise<(key: string) => string> {
  const statement = NAMES[group]
  const { rows } = statement
    ? await client.query<{ id: string; name: string }>(statement, [keys.filter((key) => key !== NONE)])
    : { rows: [] }
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (key) => (key === NONE ? WITHOUT[group] : (names.get(key) ?? key))
}
