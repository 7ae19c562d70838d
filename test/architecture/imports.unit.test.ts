import { readdirSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../../src')

/** Each room may import from those named; `lib` from nowhere. What is not in a folder is the top, and may import all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: [],
  money: [],
  db: ['lib'],
  pricing: ['money'],
  ledger: ['money', 'lib'],
  catalog: ['money', 'pricing', 'lib'],
  margins: ['money', 'pricing', 'catalog', 'db', 'lib'],
  accounts: ['ledger', 'db', 'lib'],
  audit: ['ledger', 'accounts', 'lib'],
  gateway: ['money', 'pricing', 'ledger', 'catalog', 'accounts', 'lib'],
  mail: ['db', 'lib'],
  invoicing: ['money', 'accounts', 'db', 'lib', '..'],
  orders: ['money', 'ledger', 'accounts', 'mail', 'invoicing', 'db', 'lib'],
  notifications: ['money', 'mail', 'db', 'lib'],
  adjustments: ['money', 'ledger', 'accounts', 'audit', 'orders', 'invoicing', 'mail', 'db', 'lib'],
  'back-office': ['money', 'ledger', 'accounts', 'audit', 'adjustments', 'orders', 'invoicing', 'mail', 'db', 'lib'],
  reports: ['money', 'ledger', 'db', 'lib'],
  exports: ['reports', 'invoicing', 'accounts', 'orders', 'money', 'mail', 'db', 'lib'],
  api: [
    'gateway',
    'catalog',
    'ledger',
    'accounts',
    'invoicing',
    'orders',
    'reports',
    'exports',
    'money',
    'http',
    'lib',
  ],
  'sign-in': ['accounts', 'mail', 'db', 'lib'],
  http: ['sign-in', 'accounts', 'lib'],
  portal: [
    'http',
    'sign-in',
    'accounts',
    'exports',
    'gateway',
    'invoicing',
    'ledger',
    'mail',
    'money',
    'notifications',
    'orders',
    'reports',
    'db',
    'lib',
  ],
  admin: [
    ...[
      'http',
      'sign-in',
      'back-office',
      'adjustments',
      'orders',
      'invoicing',
      'catalog',
      'margins',
      'reports',
      'audit',
      'accounts',
    ],
    ...['ledger', 'pricing', 'money', 'db', 'lib', '..'],
  ],
  sandbox: [
    'accounts',
    'catalog',
    'db',
    'gateway',
    'invoicing',
    'ledger',
    'orders',
    'lib',
    'money',
    'pricing',
    'config.ts',
  ],
}
const FACE_LIBRARIES = /^(express|adminjs|bullmq)/
const MAY_USE_FACE_LIBRARIES = new Set(['api', 'http', 'portal', 'admin'])

interface Import {
  file: string
  from: string
  target: string
}

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(resolve(SOURCE, file), 'utf8')
  const room = file.includes('/') ? (file.split('/')[0] as string) : ''
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => {
    const specifier = match[1] as string
    const target = specifier.startsWith('.') ? relative(SOURCE, resolve(SOURCE, dirname(file), specifier)) : specifier
    return { file, from: room, target }
  })
}

const imports = sourceFiles().flatMap(importsOf)

describe('imports go one way', () => {
  test('there is something to check', () => {
    expect(imports.length).toBeGreaterThan(100)
  })

  test.each(Object.entries(MAY_IMPORT))('%s imports only from the rooms below it', (room, allowed) => {
    const own = imports.filter(({ from, target }) => from === room && /\.(ts|json)$/.test(target))
    const wrong = own.filter(({ target }) => {
      const targetRoom = target.includes('/') ? (target.split('/')[0] as string) : target
      return targetRoom !== room && !allowed.includes(targetRoom)
    })
    expect(wrong).toEqual([])
  })

  test('every room is known', () => {
    const rooms = new Set(imports.map(({ from }) => from).filter((room) => room !== ''))
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([])
  })

  test('no domain module knows Express, AdminJS or BullMQ', () => {
    const wrong = imports.filter(
      ({ from, target }) => from !== '' && FACE_LIBRARIES.test(target) && !MAY_USE_FACE_LIBRARIES.has(from),
    )
    expect(wrong).toEqual([])
  })

  test('only config.ts reads the settings in the environment', () => {
    const readers = sourceFiles().filter((file) => readFileSync(resolve(SOURCE, file), 'utf8').includes('process.env'))
    // The embedded server hands the environment on to the programs it starts, and reads nothing in it.
    expect(readers.filter((file) => !file.startsWith('db/embedded/'))).toEqual(['config.ts'])
  })
})
