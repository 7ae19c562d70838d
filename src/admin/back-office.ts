import AdminJS, { type AdminPages } from 'adminjs'
import type { Pool } from 'pg'
import type { AdminDeps } from './admin-deps.ts'
import { RESOURCES } from './all-resources.ts'
import { componentLoader } from './components.ts'
import { definitionsFor, type Side } from './definitions-for.ts'
import { type ListShape, listShape } from './list-shape.ts'
import { PAGES } from './pages.ts'
import { resourceOptions, resourceWords } from './resource-options.ts'
import { ScopedResource } from './scoped-resource.ts'
import { readShape, type Shape } from './shape.ts'

/** Laid over its theme, whose type asks for all of it. AdminJS's own greys are too pale to read (under 4.5:1 on white), and its font would come from elsewhere. */
const THEME = {
  font: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif',
  colors: { grey60: '#4a535c', grey40: '#59636e', grey80: '#2b3238', primary100: '#2a4bd7', accent: '#2a4bd7' },
}

/** Lists are read through connections of their own, and counted through others, which give up sooner. */
export interface ReadPools {
  readonly reads: Pool
  readonly counts: Pool
}

/** The back office of one side: what exists there, and AdminJS around it. */
export interface BackOffice {
  readonly side: Side
  readonly lists: ReadonlyMap<string, ListShape>
  readonly admin: AdminJS
}

/**
 * Operators and resellers have a back office each, made of the same definitions: what a reseller's does not have, no
 * address of it leads to.
 */
export function createBackOffice(side: Side, deps: AdminDeps, reads: ReadPools): BackOffice {
  const shape = readShape()
  const lists = definitionsFor(side, RESOURCES).map((definition) => listShape(shape, definition))
  const admin = new AdminJS({
    rootPath: '/admin',
    loginPath: '/sign-in',
    logoutPath: '/sign-out',
    databases: [],
    resources: lists.map((list) => resourceWith(list, shape, deps, reads)),
    componentLoader: componentLoader(),
    branding: {
      companyName: 'Farebox',
      logo: false,
      favicon: '/admin/icon.png',
      withMadeWithLove: false,
      theme: THEME as never,
    },
    assets: { styles: ['/admin/frontend/assets/icomoon.css'] },
    locale: { language: 'en', availableLanguages: ['en'], translations: { en: words(lists) } },
    settings: { defaultPerPage: 20 },
    version: { admin: false },
    dashboard: { component: 'Dashboard', handler: async () => ({}) },
    pages: pagesOf(side),
  })
  // Bundling is done by a process of its own, see `bundle/`.
  admin.initialize = async () => undefined
  return { side, lists: new Map(lists.map((list) => [list.definition.id, list])), admin }
}

function resourceWith(list: ListShape, shape: Shape, { clock, currency }: AdminDeps, pools: ReadPools) {
  const resource = new ScopedResource({ list, shape, clock, pool: pools.reads, counts: pools.counts })
  return { resource, options: resourceOptions(list, currency) }
}

function pagesOf(side: Side): AdminPages {
  const own = Object.entries(PAGES).filter(([, { sides }]) => sides.includes(side))
  return Object.fromEntries(own.map(([name, { component, icon, handler }]) => [name, { component, icon, handler }]))
}

function words(lists: readonly ListShape[]) {
  return {
    labels: {
      ...Object.fromEntries(lists.map(({ definition: { id, label } }) => [id, label])),
      ...{ navigation: 'Back office', dashboard: 'Overview', pages: 'Pages' },
    },
    actions: { list: 'List', show: 'Show' },
    properties: { from: 'From', to: 'Until (excluded)' },
    messages: { forbiddenError: 'Your role does not let you do this.' },
    resources: Object.fromEntries(lists.map((list) => [list.definition.id, resourceWords(list)])),
  }
}
