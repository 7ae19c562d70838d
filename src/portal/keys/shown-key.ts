import { type AccessKey, type KeyState, keyStateAt } from '../../accounts/keys/access-key.ts'
import { type BadgeTone, badge, type StatusBadge } from '../status-badge.ts'
import { type ShownBudget, shownBudget } from './shown-budget.ts'

const STATES: Readonly<Record<KeyState, readonly [word: string, tone: BadgeTone]>> = {
  ACTIVE: ['Active', 'done'],
  DISABLED: ['Disabled', 'over'],
  EXPIRED: ['Expired', 'over'],
  REVOKED: ['Revoked', 'failed'],
}

export interface ShownKey {
  readonly id: string
  readonly name: string
  /** "sk-fbx-a1b2…": enough to recognise it by. */
  readonly masked: string
  readonly projectName: string
  readonly badge: StatusBadge
  readonly state: KeyState
  readonly budgets: readonly ShownBudget[]
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly createdAt: number
  readonly allowedModels: readonly string[]
  readonly allowedIps: readonly string[]
  readonly maxOutputTokens: number | null
}

/** @param lastUsedAt milliseconds since the epoch; null = never */
export function shownKey(key: AccessKey, lastUsedAt: number | null, currency: string, now: number): ShownKey {
  const state = keyStateAt(key, now)
  return {
    ...{ id: key.id, name: key.name, masked: `${key.prefix}…`, projectName: key.projectName, state },
    ...{ badge: badge(...STATES[state]), budgets: key.budgets.map((budget) => shownBudget(budget, currency)) },
    ...{ lastUsedAt, expiresAt: key.expiresAt, createdAt: key.createdAt, maxOutputTokens: key.maxOutputTokens },
    ...{ allowedModels: key.allowedModels, allowedIps: key.allowedIps },
  }
}
