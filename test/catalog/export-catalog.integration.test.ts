import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { exportCatalog } from '../../src/catalog/export-catalog.ts'
import { applied, base, clock, diff, emptyTables, read, setUpCatalogWorld, WATCHED, world } from './catalog-world.ts'

setUpCatalogWorld()

test('an export applies as a no-op, names no secret, and makes the same catalog elsewhere', async () => {
  await applied(base())
  const text = await exportCatalog(world.client, { clock })
  expect(text).not.toContain('sk-plain-text')
  expect(text).toContain('# Its API key is sealed in the database.')
  expect(text).toContain('apiKeyEnv: GROQ_API_KEY')
  const file = read(text)
  expect(await diff(file)).toEqual({ lines: [], changed: false, problems: [], breaches: [] })

  await emptyTables(WATCHED)
  await applied(file)
  expect(await exportCatalog(world.client, { clock })).toBe(text.replace(/^ *# Its API key.*\n/m, ''))
})

test('the shipped catalog applies without a word about margins, and exports as a no-op', async () => {
  const shipped = read(await readFile(new URL('../../catalog/shipped.yaml', import.meta.url), 'utf8'))
  await applied(shipped)
  expect(await applied(shipped)).toEqual([])
  expect((await diff(read(await exportCatalog(world.client, { clock })))).lines).toEqual([])
})
