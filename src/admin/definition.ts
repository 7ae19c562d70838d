import type { Permission } from '../accounts/permissions.ts'

/** What a value is: how it is read, filtered by, shown and exported. */
export type ColumnKind =
  | 'text'
  | 'exact'
  | 'id'
  | 'nano'
  | 'minor'
  | 'bps'
  | 'number'
  | 'time'
  | 'day'
  | 'flag'
  | 'state'
  | 'link'
  | 'json'
  | 'rates'
  | 'hash'
  | 'list'

/** A column of a list. Without any of it, it is the model's field of that name, shown as its type says. */
export interface ColumnDefinition {
  readonly kind?: ColumnKind
  /** Else made of the name: `createdAt` is 'Created'. */
  readonly label?: string
  /** SQL over the row `t`, for what is no field of the model, or not as it is. */
  readonly sql?: string
  /** The resource that the value is the id of. */
  readonly to?: string
  /** Words that a filter offers, for a text that is one of a few. */
  readonly values?: readonly string[]
  /** Text only: also a part of it is found. Only on tables small enough to be read whole. */
  readonly contains?: true
  /** SQL to order by, where an index says the same as the column: ids of UUIDv7 are in the order of time. */
  readonly sortBy?: string
  /** SQL of the bounds of a range of time, where an index knows no such column: `from <= x` and `x < to`. */
  readonly rangeOf?: (parameter: string) => readonly [from: string, to: string]
  /** Only for those who may. */
  readonly may?: Permission
  /** Money: digits as of a balance (2), or as of the cost of a request (up to 6). */
  readonly digits?: 'balance' | 'request'
}

export const GROUPS = ['Money', 'Customers', 'Catalog', 'Invoicing', 'Operations'] as const
export type Group = (typeof GROUPS)[number]

/**
 * SQL that is true for the rows of a reseller's tree, over the row `t`; `reseller` is the parameter that holds its id.
 */
export type ResellerScope = (reseller: string) => string

/** A list of the back office, and the page of each of its rows: what is not named here does not exist there. */
export interface ResourceDefinition {
  readonly id: string
  /** The Prisma model. */
  readonly model: string
  readonly label: string
  readonly group: Group
  /** Who may look. */
  readonly may: Permission
  /** Which rows resellers see; null = the resource does not exist for them. */
  readonly resellers: ResellerScope | null
  /** Fields that name a row, joined by a dot in its address. */
  readonly key?: readonly string[]
  /** The column that names a row to a person. */
  readonly title: string
  readonly columns: Readonly<Record<string, ColumnDefinition>>
  /** The columns of the list, in order. A row's page shows all. */
  readonly list: readonly string[]
  readonly filters: readonly string[]
  /** Columns that an index orders. The first is the order of the list, `descending` unless said otherwise. */
  readonly sorts: readonly string[]
  readonly ascending?: true
  /** A filter without a range of time looks through only so many days: in tables that grow without end. */
  readonly window?: { readonly column: string; readonly days: number; readonly unless: readonly string[] }
  /** Rows that are left out until one of these filters asks for them: too many to be of use among the others. */
  readonly leftOut?: { readonly condition: string; readonly unless: readonly string[]; readonly note: string }
  /** With this filter, the rows of the list's own order are in the order of this SQL too, which an index knows. */
  readonly orderWithin?: { readonly filter: string; readonly sql: string }
  /** SQL of the currency of the row's amounts; null = the platform's. Else its field `currency`. */
  readonly currencySql?: string | null
  /** Lists that belong to a row: which resource, by which of its filters. */
  readonly related?: readonly { readonly label: string; readonly to: string; readonly filter: string }[]
}

/** Rows of an account in the tree, by the SQL of its id. */
export function ofAccounts(accountId: string): ResellerScope {
  return (reseller) =>
    `${accountId} IN (SELECT tree.id FROM account tree WHERE tree.id = ${reseller} OR tree.reseller_id = ${reseller})`
}

/** Facts about the platform that every signed-in person may know, such as the names of models. */
export const everybody: ResellerScope = () => 'true'

/** Whose customer the row's account is: figures of a reseller are of its customers, not of itself. */
export const CUSTOMER_OF: ColumnDefinition = {
  to: 'accounts',
  label: 'Customer of',
  sql: '(SELECT a.reseller_id FROM account a WHERE a.id = t.account_id)',
}
