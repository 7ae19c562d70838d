import { z } from 'zod'
import { type AccessKey, KEY_STATES, keyStateAt } from '../../accounts/keys/access-key.ts'
import { KEY_SCOPES } from '../../accounts/keys/key-fields.ts'
import type { CatalogSnapshot } from '../../catalog/catalog-snapshot.ts'
import { OrderError } from '../../orders/order-error.ts'
import { isoOrNull, isoTime, time, uuid } from '../fields.ts'
import { budgetAsShown, shownBudget } from './shown-budgets.ts'

export const shownKey = z
  .object({
    id: uuid,
    name: z.string(),
    prefix: z.string().describe('The start of the secret, enough to recognise it by.'),
    state: z.enum(KEY_STATES),
    projectId: uuid,
    projectName: z.string(),
    scopes: z.array(z.enum(KEY_SCOPES)),
    allowedModels: z.array(z.string()).describe('Empty = every model.'),
    allowedIps: z.array(z.string()).describe('Addresses and CIDR blocks; empty = from anywhere.'),
    maxOutputTokens: z.int().nullable().describe('Of one answer.'),
    expiresAt: time.nullable(),
    disabledAt: time.nullable(),
    revokedAt: time.nullable(),
    createdAt: time,
    budgets: z.array(shownBudget),
  })
  .meta({ id: 'AccessKey' })

/** An access key as a reply shows it: nothing leads back to its secret. */
export function keyAsShown(key: AccessKey, now: number): z.output<typeof shownKey> {
  return {
    ...{ id: key.id, name: key.name, prefix: key.prefix, state: keyStateAt(key, now) },
    ...{ projectId: key.projectId, projectName: key.projectName, scopes: [...key.scopes] as z.output<typeof scopes> },
    ...{ allowedModels: [...key.allowedModels], allowedIps: [...key.allowedIps] },
    ...{ maxOutputTokens: key.maxOutputTokens, expiresAt: isoOrNull(key.expiresAt) },
    ...{ disabledAt: isoOrNull(key.disabledAt), revokedAt: isoOrNull(key.revokedAt) },
    ...{ createdAt: isoTime(key.createdAt), budgets: key.budgets.map(budgetAsShown) },
  }
}

const { scopes } = shownKey.shape

/**
 * Models by their own names, which is what keys are checked against: an alias becomes the model that it stands for.
 * @throws OrderError `invalid_request`, for a name that is no model's
 */
export function modelNames({ modelsByName }: CatalogSnapshot, given: readonly string[]): string[] {
  return given.map((name, index) => {
    const model = modelsByName.get(name)
    if (model) return model.name
    const field = `allowedModels.${index}`
    throw new OrderError('invalid_request', `'${field}': there is no such model; GET /v1/models lists them.`, { field })
  })
}
