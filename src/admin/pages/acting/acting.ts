import type { Actor } from '../../../accounts/actor.ts'
import type { Permission } from '../../../accounts/permissions.ts'
import type { AdminDeps } from '../../admin-deps.ts'

/** What stands in an address after its path: each name once. */
export type Asked = Readonly<Record<string, string | undefined>>

/** What a page shows: read anew whenever it is asked for, within what its reader may see. */
export interface View {
  readonly may: Permission
  read(deps: AdminDeps, actor: Actor, asked: Asked): Promise<unknown>
}

/** What was done, in a sentence; and what the page goes on with. */
export interface Done {
  readonly message: string
  /** The page of what was made. */
  readonly to?: string
  /** Shown once, and never again. */
  readonly secrets?: readonly string[]
}

/** What a button does: reads the form, and calls the one use case that checks the role, the scope, and writes it down. */
export type Act = (deps: AdminDeps, actor: Actor, form: unknown) => Promise<Done>
