import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { type AccessKey, KEY_STATES, readKey } from '../../accounts/keys/access-key.ts'
import { createKey } from '../../accounts/keys/create-key.ts'
import { listKeys } from '../../accounts/keys/list-keys.ts'
import { revokeKey } from '../../accounts/keys/revoke-key.ts'
import { unknownModels } from '../../accounts/keys/unknown-models.ts'
import { updateKey } from '../../accounts/keys/update-key.ts'
import { listProjects } from '../../accounts/projects/list-projects.ts'
import { accountOf } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { requirePerson, signedInPerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { oncePerKey } from '../../orders/idempotency.ts'
import { accountUsage } from '../../reports/usage/account-usage.ts'
import { keysLastUsed } from '../../reports/usage/keys-last-used.ts'
import { sendPage } from '../page.ts'
import { KEY_ROLES } from '../roles.ts'
import { shownFigures } from '../usage/shown-figures.ts'
import { readTimeRange } from '../usage/time-range.ts'
import { chartLabel, usageChart } from '../usage/usage-chart.ts'
import { addressOf } from '../usage/usage-filter.ts'
import { BUDGET_FIELDS } from './budget-fields.ts'
import { type KeyValues, keyFieldOf, keyValues, NEW_KEY, type ReadKeyForm, readKeyForm } from './key-form.ts'
import { problemsOf } from './refused-field.ts'
import { shownKey } from './shown-key.ts'

const PER_PAGE = 50
const PROJECTS_SHOWN = 100
const STATES = z.enum(KEY_STATES).optional().catch(undefined)
const UUID = z.uuid().optional().catch(undefined)
/** Of a form: the same one sent twice makes one key. */
const FORM_ID = z.uuid()

/** Keys that call the gateway: made, changed, revoked; each secret is shown once. */
export function keyPagesRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock, currency } = desk

  router.get('/keys', requirePerson, async (request, response) => {
    const { accountId, role } = accountOf(request)
    const asked = {
      state: STATES.parse(request.query.state || undefined),
      cursor: UUID.parse(request.query.cursor) ?? null,
    }
    const projectId = UUID.parse(request.query.projectId || undefined)
    const { keys, next } = await listKeys(desk, {
      ...{ accountId, cursor: asked.cursor, limit: PER_PAGE },
      ...(asked.state && { state: asked.state }),
      ...(projectId && { projectId }),
    })
    const lastUsed = await keysLastUsed(
      desk,
      accountId,
      keys.map(({ id }) => id),
    )
    const query = { state: asked.state, projectId }
    sendPage(response, 200, 'keys/keys', {
      title: 'Keys',
      styles: ['usage.css'],
      keys: keys.map((key) => shownKey(key, lastUsed.get(key.id) ?? null, currency, clock.now())),
      ...{ given: query, projects: await projectsOf(accountId), mayChange: KEY_ROLES.includes(role) },
      ...{ isFirst: asked.cursor === null, isNarrowed: asked.state !== undefined || projectId !== undefined },
      nextPath: next === null ? null : addressOf('/keys', { ...query, cursor: next }),
    })
  })

  router.get('/keys/new', requirePerson, async (request, response) => {
    accountOf(request, KEY_ROLES)
    const projectId = UUID.parse(request.query.projectId) ?? ''
    await showForm(request, response, 200, null, { ...NEW_KEY, projectId }, {})
  })

  router.post('/keys', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, KEY_ROLES)
    const { userId } = signedInPerson(request)
    const form = await readForm(request, null)
    const formId = FORM_ID.safeParse(request.body.form)
    const refuse = (problems: Record<string, string>) => showForm(request, response, 422, null, form.values, problems)
    if (Object.keys(form.problems).length > 0) return refuse(form.problems)
    const asked = { accountId, projectId: form.values.projectId || null, ...form.settings }
    const call = { scopeId: accountId, verb: 'createKey', key: formId.success ? formId.data : null, body: asked }
    try {
      const { key, secret } = await createKey(desk, asked, {
        actor: { userId },
        once: (client, work) => oncePerKey(client, clock, call, work),
      })
      sendPage(response, 201, 'keys/key-made', {
        title: 'New key',
        styles: ['usage.css'],
        scripts: ['copy.js'],
        key,
        secret,
      })
    } catch (error) {
      await refuse(problemsOf(error, keyFieldOf))
    }
  })

  router.get('/keys/:id', requirePerson, async (request, response) => {
    const { accountId, role } = accountOf(request)
    const key = await ownKey(request)
    const now = clock.now()
    const range = readTimeRange({}, now, '30d')
    if (!range.ok) throw new Error('the usual time cannot be read')
    const { from, to } = range.range
    const usage = await accountUsage(desk, { accountId, from, to, groupBy: 'model', filters: { accessKeyId: key.id } })
    const lastUsed = await keysLastUsed(desk, accountId, [key.id])
    sendPage(response, 200, 'keys/key', {
      title: key.name,
      ...{ styles: ['usage.css'], scripts: ['chart.js', 'usage.js'], mayChange: KEY_ROLES.includes(role) },
      key: shownKey(key, lastUsed.get(key.id) ?? null, currency, now),
      figures: shownFigures(usage.totals, usage.currency),
      isUsed: usage.totals.requests > 0n,
      chart: usageChart(usage, 'spend', now),
      chartLabel: chartLabel(usage, 'spend'),
    })
  })

  router.get('/keys/:id/edit', requirePerson, async (request, response) => {
    accountOf(request, KEY_ROLES)
    const key = await ownKey(request)
    if (key.revokedAt !== null) return response.redirect(303, `/keys/${key.id}`)
    await showForm(request, response, 200, key, keyValues(key), {})
  })

  router.post('/keys/:id/edit', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request, KEY_ROLES)
    const before = await ownKey(request)
    const form = await readForm(request, before)
    const refuse = (problems: Record<string, string>) => showForm(request, response, 422, before, form.values, problems)
    if (Object.keys(form.problems).length > 0) return refuse(form.problems)
    const { projectId } = form.values
    // An expiry that is over and is not touched is left alone: it would be refused as one to be set.
    const { expiresAt, ...settings } = form.settings
    const change = {
      ...{ accountId, keyId: before.id, ...settings },
      ...(projectId !== '' && { projectId }),
      ...(expiresAt !== before.expiresAt && { expiresAt }),
    }
    try {
      await updateKey(desk, change, { actor: { userId: signedInPerson(request).userId } })
    } catch (error) {
      return refuse(problemsOf(error, keyFieldOf))
    }
    flash(response, `The key “${form.values.name}” is changed. It goes by it at once.`)
    response.redirect(303, `/keys/${before.id}`)
  })

  router.post('/keys/:id/:act', requirePerson, async (request, response, next) => {
    const { act } = request.params
    if (act !== 'disable' && act !== 'enable' && act !== 'revoke') return next()
    const { accountId } = accountOf(request, KEY_ROLES)
    const { id: keyId, name } = await ownKey(request)
    const write = { actor: { userId: signedInPerson(request).userId } }
    try {
      if (act === 'revoke') await revokeKey(desk, { accountId, keyId }, write)
      else await updateKey(desk, { accountId, keyId, disabled: act === 'disable' }, write)
    } catch (error) {
      flash(response, Object.values(problemsOf(error, keyFieldOf)).join(' '), 'failed')
      return response.redirect(303, `/keys/${keyId}`)
    }
    flash(response, `The key “${name}” is ${act}d.`)
    response.redirect(303, `/keys/${keyId}`)
  })

  /** @throws PageError for somebody else's, as for none */
  async function ownKey(request: Request): Promise<AccessKey> {
    const { accountId } = accountOf(request)
    try {
      return await readKey(pool, clock, accountId, String(request.params.id))
    } catch (error) {
      problemsOf(error, keyFieldOf)
      throw error
    }
  }

  /** The form as it was filled in, with what can be said of it before it is tried. */
  async function readForm(request: Request, before: AccessKey | null): Promise<ReadKeyForm> {
    const form = readKeyForm(request.body, before)
    const unknown = await unknownModels(pool, form.settings.allowedModels)
    if (unknown.length === 0) return form
    return { ...form, problems: { ...form.problems, models: `There is no model called ${unknown.join(', ')}.` } }
  }

  /** @param key null = a new one */
  async function showForm(
    request: Request,
    response: Response,
    status: number,
    key: AccessKey | null,
    values: KeyValues,
    problems: Record<string, string>,
  ): Promise<void> {
    const { accountId } = accountOf(request)
    sendPage(response, status, 'keys/key-form', {
      title: key ? `Change ${key.name}` : 'New key',
      styles: ['usage.css'],
      ...{ key, values, problems, budgetFields: BUDGET_FIELDS, currency },
      projects: await projectsOf(accountId),
      form: randomUUID(),
    })
  }

  async function projectsOf(accountId: string) {
    const { projects } = await listProjects(desk, { accountId, limit: PROJECTS_SHOWN })
    return projects.map(({ id, name }) => ({ value: id, name }))
  }

  return router
}
