import { z } from 'zod'
import { ADJUSTMENT_KINDS, type Adjustment } from '../../../adjustments/adjustment.ts'
import { ATTACHMENT_TYPES, type AttachmentType } from '../../../adjustments/attachment.ts'
import { decideAdjustmentFor, requestAdjustmentFor } from '../../../back-office/adjust.ts'
import type { Act } from './acting.ts'
import {
  day,
  endOfDay,
  file,
  flag,
  formKey,
  neededText,
  readForm,
  rowId,
  rowIdOrNone,
  text,
  wholeNumber,
  writtenNanoOrNone,
} from './form.ts'
import { FormError } from './form-error.ts'
import { nanoInMoney } from './in-money.ts'

const CREDIT_DAYS_MAX = 3_650

const adjustment = z.strictObject({
  accountId: rowId,
  kind: z.enum(ADJUSTMENT_KINDS, { error: 'Choose what to do.' }),
  amountNano: writtenNanoOrNone,
  promotional: flag.default(true),
  creditDays: wholeNumber(1, CREDIT_DAYS_MAX).nullable().default(null),
  lotId: rowIdOrNone,
  expiresAt: text,
  reason: neededText('Say why in a sentence: the account is told it.'),
  attachment: file,
  key: formKey,
})
type Entered = z.output<typeof adjustment>

/** Browsers know no type for some files: then their name says it. */
const TYPES: Readonly<Record<string, AttachmentType>> = {
  ...{ pdf: 'application/pdf', png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg' },
  ...{ txt: 'text/plain', csv: 'text/csv', eml: 'message/rfc822' },
}

export const requestAdjustment: Act = async (deps, actor, form) => {
  const entered = readForm(adjustment, form)
  const { accountId, reason, key } = entered
  const asked = { accountId, reason, attachment: attachmentOf(entered), idempotencyKey: key }
  const made = await requestAdjustmentFor(deps, actor, { ...asked, ...whatOf(entered) })
  return { message: inWords(made), to: `/admin/pages/account?id=${accountId}` }
}

function whatOf({ kind, amountNano, promotional, creditDays, lotId, expiresAt }: Entered) {
  if (kind === 'EXTENSION') {
    if (lotId === null) throw new FormError('lotId', 'Choose the credit that is to last longer.')
    return { kind, lotId, expiresAt: endOfDay(readForm(z.object({ expiresAt: day }), { expiresAt }).expiresAt) }
  }
  if (amountNano === null) throw new FormError('amountNano', 'Enter an amount.')
  if (kind === 'DEBIT') return { kind, amountNano }
  return { kind, amountNano, promotional, ...(creditDays !== null && { creditDays }) }
}

function attachmentOf({ attachment }: Entered) {
  if (attachment === null) return null
  const { name, type: said, bytes } = attachment
  const type = TYPES[name.toLowerCase().split('.').at(-1) ?? ''] ?? ATTACHMENT_TYPES.find((one) => one === said)
  if (type === undefined) {
    throw new FormError('attachment', 'Attach a PDF, a PNG or JPEG picture, a text, a CSV file or a mail (.eml).')
  }
  return { name, type, bytes }
}

function inWords({ kind, state, amountNano, currency }: Adjustment): string {
  const amount = nanoInMoney(amountNano, currency)
  if (state === 'PENDING') return `Somebody else has to decide about ${amount}: it waits under Approvals.`
  if (kind === 'CREDIT') return `${amount} was added.`
  return kind === 'DEBIT' ? `${amount} was taken.` : `${amount} lasts longer.`
}

const decision = z.strictObject({
  adjustmentId: rowId,
  decision: z.enum(['approve', 'reject']),
  note: text,
  key: formKey,
})

export const decideAdjustment: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(decision, form)
  const decided = await decideAdjustmentFor(deps, actor, { ...asked, idempotencyKey: key })
  const amount = nanoInMoney(decided.amountNano, decided.currency)
  return { message: decided.state === 'BOOKED' ? `Booked: ${amount}.` : `Rejected: nothing of ${amount} was booked.` }
}
