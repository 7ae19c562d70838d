import { BaseProperty, type PropertyType } from 'adminjs'
import type { ColumnKind } from './definition.ts'
import type { ListColumn } from './list-shape.ts'

/** AdminJS knows no exact amounts: they are texts to it, and our components show them. */
const TYPES: Partial<Record<ColumnKind, PropertyType>> = { time: 'datetime', flag: 'boolean', link: 'reference' }

export class ScopedProperty extends BaseProperty {
  readonly column: ListColumn | null
  readonly #isTitle: boolean

  /** @param column null = the row's address */
  constructor(
    name: string,
    column: ListColumn | null,
    options: { isId: boolean; isTitle: boolean; isSortable: boolean },
  ) {
    super({
      path: name,
      isId: options.isId,
      isSortable: options.isSortable,
      type: (column && TYPES[column.kind]) ?? 'string',
    })
    this.column = column
    this.#isTitle = options.isTitle
  }

  override isTitle(): boolean {
    return this.#isTitle
  }

  override isEditable(): boolean {
    return false
  }

  override reference(): string | null {
    return this.column?.to ?? null
  }

  override availableValues(): string[] | null {
    return this.column?.values ? [...this.column.values] : null
  }
}
