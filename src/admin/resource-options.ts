import type { PropertyOptions, ResourceOptions } from 'adminjs'
import type { Actor } from '../accounts/actor.ts'
import { actorOf } from './admin-user.ts'
import type { ComponentName } from './components.ts'
import type { ColumnKind, Group } from './definition.ts'
import type { ListColumn, ListShape } from './list-shape.ts'
import { shownState } from './shown-state.ts'
import { mayLook } from './sql/list-query.ts'

const ICONS: Readonly<Record<Group, string>> = {
  ...{ Money: 'DollarSign', Customers: 'Users', Catalog: 'Box', Invoicing: 'FileText', Operations: 'Activity' },
}

interface Shown {
  readonly value: ComponentName
  readonly filter?: ComponentName
}

/** Which component shows what kind of value, and filters by it where AdminJS's own does not. */
const SHOWN: Readonly<Record<ColumnKind, Shown>> = {
  text: { value: 'PlainText' },
  exact: { value: 'PlainText' },
  id: { value: 'Hash' },
  nano: { value: 'Amount', filter: 'AmountFilter' },
  minor: { value: 'Amount', filter: 'AmountFilter' },
  bps: { value: 'Percentage', filter: 'PercentageFilter' },
  number: { value: 'NumberValue', filter: 'NumberFilter' },
  time: { value: 'Moment', filter: 'MomentFilter' },
  day: { value: 'Day', filter: 'DayFilter' },
  flag: { value: 'Flag' },
  state: { value: 'State' },
  link: { value: 'RowLink' },
  json: { value: 'StructuredText' },
  rates: { value: 'Rates' },
  hash: { value: 'Hash' },
  list: { value: 'PlainText' },
}

/** How AdminJS shows a resource: everything is for looking, and only for those who may. */
export function resourceOptions(list: ListShape, currency: string): ResourceOptions {
  const { definition, columns } = list
  const look = { isAccessible: ({ currentAdmin }: { currentAdmin?: unknown }) => isReader(list, currentAdmin) }
  const none = { isAccessible: false, isVisible: false }
  const properties: Record<string, PropertyOptions> = Object.fromEntries(
    [...columns.values()].map((column) => [column.name, propertyOptions(list, column, currency)]),
  )
  if (!columns.has('id')) properties.id = { isVisible: false }
  const shown = [...columns.keys()]
  const related = definition.related ?? []
  if (related.length > 0) {
    properties.related = {
      type: 'mixed',
      isVisible: { show: true, list: false, filter: false, edit: false },
      components: { show: 'RelatedLists' },
      custom: { related },
    }
    shown.push('related')
  }
  if (definition.id === 'documents') {
    properties.files = {
      type: 'mixed',
      isVisible: { show: true, list: false, filter: false, edit: false },
      components: { show: 'Documents' },
    }
    shown.unshift('files')
  }
  return {
    id: definition.id,
    navigation: { name: definition.group, icon: ICONS[definition.group] },
    titleProperty: definition.title,
    sort: { sortBy: definition.sorts[0] as string, direction: definition.ascending ? 'asc' : 'desc' },
    properties,
    ...{
      listProperties: [...definition.list],
      showProperties: shown,
      filterProperties: [...definition.filters],
      editProperties: [],
    },
    actions: {
      list: { ...look, custom: listCustom(list) },
      search: look,
      show: look,
      ...{ new: none, edit: none, delete: none, bulkDelete: none },
    },
  }
}

/** What the list's page has to know besides. */
function listCustom({ definition: { window, leftOut } }: ListShape): Record<string, unknown> {
  return {
    ...(window && { window: { days: window.days, without: [window.column, ...window.unless] } }),
    ...(leftOut && { leftOut: { note: leftOut.note, without: leftOut.unless } }),
  }
}

function isReader(list: ListShape, currentAdmin: unknown): boolean {
  let actor: Actor
  try {
    actor = actorOf(currentAdmin as never)
  } catch {
    return false
  }
  return mayLook(list, actor)
}

/** The column of a list that leads to the page of its row: the one that names it, else the first that leads nowhere else. */
function wayToRow({ definition: { list, title }, columns }: ListShape): string | undefined {
  return list.includes(title) ? title : list.find((name) => columns.get(name)?.kind !== 'link')
}

function propertyOptions(list: ListShape, column: ListColumn, currency: string): PropertyOptions {
  const { value, filter } = SHOWN[column.kind]
  const states = column.values?.map((each) => ({ value: each, label: shownState(each).word }))
  return {
    components: { list: value, show: value, ...(filter && { filter }) },
    ...(column.to !== undefined && column.kind === 'link' && { reference: column.to }),
    ...(states && { availableValues: states }),
    isSortable: list.definition.sorts.includes(column.name),
    custom: {
      kind: column.kind,
      leadsToRow: wayToRow(list) === column.name,
      currency,
      digits: column.digits ?? 'balance',
      ...(column.values && { states: Object.fromEntries(column.values.map((each) => [each, shownState(each)])) }),
    },
  }
}

/** The words of a resource, as AdminJS looks them up. */
export function resourceWords({ definition, columns }: ListShape): {
  properties: Record<string, string>
  actions: Record<string, string>
} {
  const labels = [...columns.values()].map(({ name, label }) => [name, label])
  return {
    properties: { ...Object.fromEntries(labels), related: 'Belongs to it', files: 'Download' },
    actions: { list: definition.label, show: definition.label },
  }
}
