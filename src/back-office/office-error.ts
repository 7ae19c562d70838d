/** Every refusal of the back office's own, with its sentence for people. Stable: callers branch on the codes. */
export const OFFICE_SENTENCES = {
  not_allowed: 'Your role does not let you do this.',
  invalid_request: 'What was asked for is not as it should be.',
  account_not_found: 'There is no such account.',
  person_not_found: 'There is no such person.',
  plan_not_found: 'There is no such plan.',
  code_not_found: 'There is no such code.',
  code_redeemed: 'This code was redeemed: its credits were given.',
  seller_not_found: 'There is no such seller.',
  own_wallet: 'Your own wallet is adjusted by the operator only.',
  operator_sells: 'The operator sells to this account: its people set the terms, record payments and approve them.',
  own_account: 'Of your own account, you can change the name only. Ask the operator for the rest.',
  disabled_by_operator: 'The operator has disabled this account, and enables it again.',
  only_in_sandbox: 'There are development accounts in the sandbox only.',
  not_oneself: 'Nobody changes their own rights. Ask another administrator.',
  last_admin: 'There must always be an administrator: make somebody else one first.',
  last_owner: 'The account must keep an owner: make somebody else one first.',
} as const
export type OfficeErrorCode = keyof typeof OFFICE_SENTENCES
export const OFFICE_ERROR_CODES = Object.keys(OFFICE_SENTENCES) as OfficeErrorCode[]

/** A refusal in the words that people will read, naming the field at fault where one is. */
export class OfficeError extends Error {
  override name = 'OfficeError'
  readonly code: OfficeErrorCode
  readonly field: string | null

  constructor(code: OfficeErrorCode, { field = null, message }: { field?: string | null; message?: string } = {}) {
    super(message ?? OFFICE_SENTENCES[code])
    this.code = code
    this.field = field
  }
}
