import type { ClientBase } from 'pg'

/** A table's row type as this database has it. The numbers of types that are not built in differ per database. */
export interface TableType {
  name: string
  rowTypeOid: number
  /** In the table's order, without those that were dropped: what a value of the row type is made of. */
  columns: ColumnType[]
}

export interface ColumnType {
  name: string
  typeOid: number
  /** As it is declared, for people to read. */
  typeName: string
  isEnum: boolean
}

const TABLE_COLUMNS = `
  SELECT wanted.name AS "table", pg_class.reltype AS "rowTypeOid", attname AS name, atttypid AS "typeOid",
         format_type(atttypid, atttypmod) AS "typeName", typtype = 'e' AS "isEnum"
  FROM unnest($1::text[]) AS wanted (name)
  JOIN pg_class ON pg_class.oid = wanted.name::regclass
  JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
  JOIN pg_type ON pg_type.oid = atttypid
  ORDER BY wanted.name, attnum`

export async function readTableTypes(client: ClientBase, tables: readonly string[]): Promise<Map<string, TableType>> {
  const { rows } = await client.query<ColumnType & { table: string; rowTypeOid: number }>(TABLE_COLUMNS, [tables])
  const types = new Map<string, TableType>()
  for (const { table, rowTypeOid, ...column } of rows) {
    const type = types.get(table) ?? { name: table, rowTypeOid, columns: [] }
    type.columns.push(column)
    types.set(table, type)
  }
  return types
}
