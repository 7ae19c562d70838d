import { z } from 'zod'

const MODEL_LENGTH_MAX = 200
const id = z.uuid({ error: 'expected an id' })

/** By what usage may be narrowed. */
export const usageFilterFields = {
  model: z
    .string()
    .min(1, { error: 'expected the name of a model' })
    .max(MODEL_LENGTH_MAX, { error: 'expected the name of a model' })
    .optional(),
  providerId: id.optional(),
  keyId: id.optional(),
  projectId: id.optional(),
}

interface Given {
  model?: string | undefined
  providerId?: string | undefined
  keyId?: string | undefined
  projectId?: string | undefined
}

/** As the reports take them. */
export function usageFiltersOf({ model, providerId, keyId, projectId }: Given) {
  return {
    ...(model !== undefined && { model }),
    ...(providerId !== undefined && { providerId }),
    ...(keyId !== undefined && { accessKeyId: keyId }),
    ...(projectId !== undefined && { projectId }),
  }
}
