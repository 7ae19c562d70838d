import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { API_KEY_SCOPES, type ApiKey, readApiKey } from '../../accounts/api-keys/api-key.ts'
import { createApiKey } from '../../accounts/api-keys/create-api-key.ts'
import { listApiKeys } from '../../accounts/api-keys/list-api-keys.ts'
import { revokeApiKey, setApiKeyDisabled } from '../../accounts/api-keys/revoke-api-key.ts'
import { keyStateAt } from '../../accounts/keys/access-key.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { oncePerKey } from '../../orders/idempotency.ts'
import { listOf, textOf } from '../keys/form-text.ts'
import { problemsOf } from '../keys/refused-field.ts'
import { sendPage } from '../page.ts'
import { badge } from '../status-badge.ts'
import { grantableScopes, mayManage, SCOPE_WORDS } from './grantable-scopes.ts'

const DAY_MS = 86_400_000
const DATE = z.iso.date()
const FORM_ID = z.uuid()
const FIELDS: Readonly<Record<string, string>> = { name: 'name', scopes: 'scopes', expiresAt: 'lastDay' }
const fieldOf = (field: string | null) => FIELDS[field?.split('.')[0] ?? ''] ?? 'form'

/** Credentials of the management API: for programs that manage the account. They call no models. */
export function apiKeyPagesRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  async function show(request: Request, response: Response, status: number, problems: Record<string, string> = {}) {
    const { accountId, role } = accountOf(request)
    const grantable = grantableScopes(role)
    if (grantable.length === 0) throw new PageError('not allowed')
    const apiKeys = await listApiKeys(pool, accountId)
    sendPage(response, status, 'settings/api-keys', {
      title: 'API keys',
      styles: ['usage.css'],
      apiKeys: apiKeys.map((key) => ({ ...key, badge: badgeOf(key), mayManage: mayManage(role, key.scopes) })),
      ...{ problems, form: randomUUID(), scopeWords: SCOPE_WORDS },
      scopes: grantable.map((value) => ({ value, name: SCOPE_WORDS[value] })),
      values: {
        ...{ name: textOf(request.body, 'name'), lastDay: textOf(request.body, 'lastDay') },
        scopes: listOf(request.body, 'scopes'),
      },
    })
  }

  function badgeOf(key: ApiKey) {
    const state = keyStateAt(key, clock.now())
    return state === 'ACTIVE' ? badge('Active', 'done') : badge(state === 'EXPIRED' ? 'Expired' : 'Disabled', 'over')
  }

  router.get('/settings/api-keys', requirePerson, (request, response) => show(request, response, 200))

  router.post('/settings/api-keys', requirePerson, async (request, response) => {
    const { accountId, role } = accountOf(request)
    const given = listOf(request.body, 'scopes')
    const scopes = API_KEY_SCOPES.filter((scope) => given.includes(scope))
    if (!scopes.every((scope) => grantableScopes(role).includes(scope))) throw new PageError('not allowed')
    const lastDay = textOf(request.body, 'lastDay')
    const isDate = DATE.safeParse(lastDay).success
    if (scopes.length === 0)
      return show(request, response, 422, { scopes: 'Choose at least one thing that it may do.' })
    if (lastDay !== '' && !isDate) return show(request, response, 422, { lastDay: 'Enter a day such as 2027-03-31.' })
    const expiresAt = isDate ? Date.parse(lastDay) + DAY_MS : null
    const asked = { accountId, name: textOf(request.body, 'name'), scopes, expiresAt }
    const formId = FORM_ID.safeParse(request.body.form)
    const call = { scopeId: accountId, verb: 'createApiKey', key: formId.success ? formId.data : null, body: asked }
    try {
      const { apiKey, secret } = await createApiKey(desk, asked, {
        actor: { userId: signedInPerson(request).userId },
        once: (client, work) => oncePerKey(client, clock, call, work),
      })
      const data = { title: 'New API key', styles: ['usage.css'], scripts: ['copy.js'], apiKey, secret }
      sendPage(response, 201, 'settings/api-key-made', data)
    } catch (error) {
      await show(request, response, 422, problemsOf(error, fieldOf))
    }
  })

  router.post('/settings/api-keys/:id/:act', requirePerson, async (request, response, next) => {
    const { act } = request.params
    if (act !== 'disable' && act !== 'enable' && act !== 'revoke') return next()
    const { accountId, role } = accountOf(request)
    const named = { accountId, apiKeyId: String(request.params.id) }
    const write = { actor: { userId: signedInPerson(request).userId } }
    try {
      const { scopes } = await readApiKey(pool, accountId, named.apiKeyId)
      if (!mayManage(role, scopes)) throw new PageError('not allowed')
      if (act === 'revoke') await revokeApiKey(desk, named, write)
      else await setApiKeyDisabled(desk, { ...named, disabled: act === 'disable' }, write)
    } catch (error) {
      flash(response, Object.values(problemsOf(error, fieldOf)).join(' '), 'failed')
      return response.redirect(303, '/settings/api-keys')
    }
    flash(response, `The API key is ${act}d.`)
    response.redirect(303, '/settings/api-keys')
  })

  return router
}
