/** Every refusal about keys, projects, budgets and the configuration of an account. Stable: callers branch on them. */
export const ACCESS_ERROR_CODES = [
  'invalid_request',
  'key_not_found',
  'key_revoked',
  'too_many_keys',
  'project_not_found',
  'project_name_taken',
  'too_many_projects',
  'api_key_not_found',
  'too_many_api_keys',
  'configuration_changed_meanwhile',
] as const
export type AccessErrorCode = (typeof ACCESS_ERROR_CODES)[number]

/** A refusal in the words that the caller will read, naming the field at fault where one is. */
export class AccessError extends Error {
  override name = 'AccessError'
  readonly code: AccessErrorCode
  readonly field: string | null

  constructor(code: AccessErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Somebody else's key is answered like one that does not exist. */
export const keyNotFound = () => new AccessError('key_not_found', 'There is no such access key.', 'id')
export const projectNotFound = (field = 'id') =>
  new AccessError('project_not_found', 'There is no such project.', field)
export const apiKeyNotFound = () => new AccessError('api_key_not_found', 'There is no such API key.', 'id')
