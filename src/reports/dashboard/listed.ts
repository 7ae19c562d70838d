import type { ClientBase, Pool } from 'pg'
import { bindValues } from '../sql/bind-values.ts'
import type { BusinessScope } from './business-figures.ts'
import { type ListedResource, type ListFilters, sumListed } from './sql/listed-rows.ts'

/** The rows behind a figure: what pages list when the figure is followed. */
export interface Listed {
  readonly resource: ListedResource
  readonly filters: ListFilters
}

export interface ListedSum {
  readonly rows: bigint
  /** What the rows come to, in the unit of the resource: nano of usage, attempts, adjustments and lots, else minor units. */
  readonly amount: bigint
}

/** Counts and sums the rows that a figure stands for, one by one, within a scope. */
export async function sumRows(
  client: ClientBase | Pool,
  { resource, filters }: Listed,
  scope: BusinessScope,
): Promise<ListedSum> {
  const values = bindValues()
  const statement = sumListed(resource, filters, scope, values)
  const { rows } = await client.query<{ rows: string; amount: string }>(statement, values.values)
  return { rows: BigInt(rows[0]?.rows ?? 0), amount: BigInt(rows[0]?.amount ?? 0) }
}
