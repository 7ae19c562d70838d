import { z } from 'zod'
import { changePlan, renameAccount, setAccountAccess, setDevelopment } from '../../../back-office/change-account.ts'
import { addNote } from '../../../back-office/notes.ts'
import { openCustomerFor, openResellerFor } from '../../../back-office/open-account.ts'
import type { Act } from './acting.ts'
import { flag, formKey, neededText, readForm, rowId, rowIdOrNone, text } from './form.ts'

const NAME = 'Enter a name.'

const customer = z.strictObject({
  name: neededText(NAME),
  resellerId: rowIdOrNone,
  development: flag.default(false),
  key: formKey,
})

/** A reseller's people open accounts of their reseller: they are not asked whose. */
export const openCustomer: Act = async (deps, actor, form) => {
  const { key, resellerId, ...asked } = readForm(customer, form)
  const id = await openCustomerFor(deps, actor, {
    ...asked,
    resellerId: actor.resellerId ?? resellerId,
    idempotencyKey: key,
  })
  return { message: `The account of ${asked.name.trim()} is open.`, to: `/admin/pages/account?id=${id}` }
}

const reseller = z.strictObject({ name: neededText(NAME), key: formKey })

export const openReseller: Act = async (deps, actor, form) => {
  const { key, name } = readForm(reseller, form)
  const id = await openResellerFor(deps, actor, { name, idempotencyKey: key })
  return { message: `The reseller ${name.trim()} is open.`, to: `/admin/pages/account?id=${id}` }
}

const renaming = z.strictObject({ accountId: rowId, name: neededText(NAME), key: formKey })

export const rename: Act = async (deps, actor, form) => {
  const { accountId, name } = readForm(renaming, form)
  const account = await renameAccount(deps, actor, { accountId, name })
  return { message: `The account is called ${account.name}.` }
}

const planChange = z.strictObject({ accountId: rowId, planId: rowIdOrNone, reason: text, key: formKey })

export const plan: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(planChange, form)
  const { planId } = await changePlan(deps, actor, asked)
  return { message: planId === null ? 'The account has no plan now.' : 'The plan is changed.' }
}

const accessChange = z.strictObject({ accountId: rowId, disabled: flag, reason: text, key: formKey })

export const access: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(accessChange, form)
  const { disabledAt } = await setAccountAccess(deps, actor, asked)
  return {
    message:
      disabledAt === null
        ? 'The account is enabled: its keys are served.'
        : 'The account is disabled: its keys are refused from now on.',
  }
}

const developmentChange = z.strictObject({ accountId: rowId, development: flag, reason: text, key: formKey })

export const development: Act = async (deps, actor, form) => {
  const { key: _once, ...asked } = readForm(developmentChange, form)
  const account = await setDevelopment(deps, actor, asked)
  return {
    message: account.development ? 'It is a development account now.' : 'It is no development account any more.',
  }
}

const note = z.strictObject({ accountId: rowId, text: neededText('Write something.'), key: formKey })

export const noteAdded: Act = async (deps, actor, form) => {
  const { key, ...asked } = readForm(note, form)
  await addNote(deps, actor, { ...asked, idempotencyKey: key })
  return { message: 'The note is kept.' }
}
