import type { Actor } from '../accounts/actor.ts'
import { NANO_PER_CENT } from '../money/nano.ts'
import { fixedDecimal, neutral } from '../reports/csv.ts'
import type { LinkTitles } from './link-titles.ts'
import type { ListColumn, ListShape } from './list-shape.ts'
import type { Row } from './read-rows.ts'
import { isSeen } from './sql/list-query.ts'

/** Every column that its reader may see; a link is two, the name and the id; amounts have their currency beside them. */
function columnsOf(list: ListShape, actor: Actor): ListColumn[] {
  return [...list.columns.values()].filter(isSeen(actor)).filter(({ name }) => name !== 'id' && name !== 'currency')
}

function isMoney({ kind }: ListColumn): boolean {
  return kind === 'nano' || kind === 'minor'
}

export function csvHeader(list: ListShape, actor: Actor): string[] {
  const columns = columnsOf(list, actor)
  const names = columns.flatMap(({ name, to }) =>
    to === undefined ? [name.replace(/(Nano|Minor)$/, '')] : [`${name.replace(/Id$/, '')}`, name],
  )
  return ['id', ...names, ...(columns.some(isMoney) ? ['currency'] : [])]
}

export function csvCells(list: ListShape, actor: Actor, row: Row, titles: LinkTitles, currency: string): string[] {
  const columns = columnsOf(list, actor)
  const cells = columns.flatMap((column) => cellsOf(column, row[column.name] ?? null, titles))
  return [neutral(String(row.id ?? '')), ...cells, ...(columns.some(isMoney) ? [String(row.currency ?? currency)] : [])]
}

function cellsOf({ kind, to }: ListColumn, value: Row[string], titles: LinkTitles): string[] {
  if (to !== undefined) {
    const title = typeof value === 'string' ? titles.get(to)?.get(value) : undefined
    return title === undefined || title === null ? ['', ''] : [neutral(title), neutral(String(value))]
  }
  if (value === null) return ['']
  if (kind === 'nano') return [fixedDecimal(BigInt(value as string))]
  if (kind === 'minor') return [fixedDecimal(BigInt(value as string) * NANO_PER_CENT)]
  if (typeof value === 'number' || typeof value === 'boolean' || kind === 'number' || kind === 'time')
    return [String(value)]
  return [neutral(value)]
}
