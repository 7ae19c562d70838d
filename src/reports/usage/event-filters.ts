import { z } from 'zod'
import { usageFilters } from './account-usage.ts'

export const EVENT_STATUSES = ['COMPLETED', 'CLIENT_ABORTED', 'PROVIDER_ABORTED', 'FAILED', 'ABANDONED'] as const

/** By what single requests may be narrowed, beside their time. */
export const eventFilters = usageFilters.extend({
  status: z.enum(EVENT_STATUSES, { error: `must be one of ${EVENT_STATUSES.join(', ')}` }).optional(),
  streaming: z.boolean({ error: 'must be true or false' }).optional(),
})
