import type { ClientBase } from 'pg'

/** Something that was really done, with its subject before and after; null where there was none. */
export interface Witnessed<Subject> {
  readonly before: Subject | null
  readonly after: Subject | null
}

/**
 * Is called within the transaction of a fact, once the fact is written, and not for a call that repeats another: so that
 * what it writes and the fact are one. What it throws undoes the fact.
 */
export type Witness<Subject> = (client: ClientBase, witnessed: Witnessed<Subject>) => Promise<void>
