import type { ActionContext, ActionHandler, ActionRequest, RecordActionResponse, RecordJSON } from 'adminjs'
import { AppError } from 'adminjs'
import type { Actor } from '../accounts/actor.ts'
import { actorOf } from './admin-user.ts'

/** What an action's use case is called with. */
export interface Posted {
  readonly actor: Actor
  readonly recordId: string
  /** What was sent: to be parsed before anything is done with it. */
  readonly payload: Record<string, unknown>
}

/**
 * The handler of an action on a row. AdminJS asks with GET for the row that the action's page is about, which changes
 * nothing; only a POST does the work.
 * @param work calls the use case, and says what was done. An `AppError` of it is told to whoever asked.
 */
export function postOnly(work: (posted: Posted) => Promise<string>): ActionHandler<RecordActionResponse> {
  return async (request: ActionRequest, _response: unknown, context: ActionContext) => {
    const { record, resource, currentAdmin } = context
    if (!record) throw new AppError('There is no such row.')
    if (request.method !== 'post') return { record: record.toJSON(currentAdmin) }
    const message = await work({
      actor: actorOf(currentAdmin),
      recordId: String(record.id()),
      payload: request.payload ?? {},
    })
    const changed = await resource.findOne(String(record.id()), context)
    return { record: (changed ?? record).toJSON(currentAdmin) as RecordJSON, notice: { message, type: 'success' } }
  }
}
