import type { CatalogFile, FileProvider } from './catalog-file.ts'
import { describeChanges, type PlanDraft, said } from './catalog-plan.ts'
import type { ProviderKeyRow, ProviderRow } from './catalog-rows.ts'

export function planProviders(draft: PlanDraft, file: CatalogFile): void {
  for (const wanted of file.providers) {
    const provider = planProvider(draft, wanted)
    if (wanted.credential !== undefined) planCredential(draft, provider, wanted.credential)
  }
  const named = new Set(file.providers.map((provider) => provider.slug))
  for (const { slug } of draft.after.providers) {
    if (!named.has(slug)) draft.lines.push(`= provider ${slug} not in file`)
  }
}

function planProvider(draft: PlanDraft, wanted: FileProvider): ProviderRow {
  const found = draft.after.providers.find((row) => row.slug === wanted.slug)
  const values = said<Omit<ProviderRow, 'id' | 'slug'>>({
    name: wanted.name,
    protocol: wanted.protocol,
    base_url: wanted.baseUrl,
    output_cap_parameter: wanted.outputCapParameter,
  })
  if (found === undefined) {
    const row = {
      id: draft.tools.newId(),
      slug: wanted.slug,
      name: wanted.name ?? wanted.slug,
      protocol: wanted.protocol,
      base_url: wanted.baseUrl,
      output_cap_parameter: wanted.outputCapParameter ?? 'max_tokens',
    } as const
    draft.after.providers.push(row)
    draft.writes.push({ write: 'insert', table: 'provider', values: row })
    draft.lines.push(`+ provider ${row.slug} (${row.protocol}, ${row.base_url})`)
    return row
  }
  const changes = describeChanges(found, values)
  if (changes.length > 0) {
    Object.assign(found, values)
    draft.writes.push({ write: 'update', table: 'provider', where: { id: found.id }, values })
    draft.lines.push(`~ provider ${found.slug} ${changes.join(', ')}`)
  }
  return found
}

/** A credential is replaced, never changed: the old row stays, disabled. */
function planCredential(
  draft: PlanDraft,
  provider: ProviderRow,
  wanted: NonNullable<FileProvider['credential']>,
): void {
  const { after, lines, writes, tools } = draft
  const found = after.providerKeys.find((key) => key.provider_id === provider.id)
  if (found !== undefined && isSameCredential(found, wanted, tools.openKey)) return

  if (found !== undefined) {
    after.providerKeys = after.providerKeys.filter((key) => key !== found)
    writes.push({ write: 'update', table: 'provider_key', where: { id: found.id }, values: { disabled_at: tools.now } })
  }
  const id = tools.newId()
  if ('apiKey' in wanted) {
    writes.push({ write: 'insertSealedKey', id, providerId: provider.id, apiKey: wanted.apiKey })
  } else {
    const values = { id, provider_id: provider.id, secret_env: wanted.apiKeyEnv }
    writes.push({ write: 'insert', table: 'provider_key', values })
  }
  const to = 'apiKey' in wanted ? 'a sealed key' : `the environment variable ${wanted.apiKeyEnv}`
  const from = found === undefined ? '' : `${found.secret_env ?? 'a sealed key'} -> `
  lines.push(`${found === undefined ? '+' : '~'} key of provider ${provider.slug}: ${from}${to}`)
}

function isSameCredential(
  found: ProviderKeyRow,
  wanted: NonNullable<FileProvider['credential']>,
  openKey: (sealed: string) => string | undefined,
): boolean {
  if ('apiKeyEnv' in wanted) return found.secret_env === wanted.apiKeyEnv
  return found.secret_sealed !== null && openKey(found.secret_sealed) === wanted.apiKey
}
