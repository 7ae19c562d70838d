import { z } from 'zod'
import { actAs } from '../../../back-office/acting.ts'
import { createCodesFor, disableCodeFor } from '../../../back-office/codes.ts'
import { addTaxRateFor } from '../../../back-office/sellers.ts'
import { replayWebhookFor } from '../../../back-office/webhooks.ts'
import { addExchangeRate } from '../../../invoicing/exchange-rate.ts'
import type { Act } from './acting.ts'
import {
  day,
  endOfDay,
  formKey,
  neededText,
  readForm,
  rowId,
  text,
  wholeNumber,
  writtenNano,
  writtenPercent,
} from './form.ts'
import { nanoInMoney } from './in-money.ts'

const CODES_MAX = 1_000
const CREDIT_DAYS_MAX = 3_650

const newCodes = z.strictObject({
  count: wholeNumber(1, CODES_MAX),
  amountNano: writtenNano,
  creditDays: wholeNumber(1, CREDIT_DAYS_MAX),
  expiresAt: text.pipe(z.iso.date({ error: 'Choose a day that exists, as YYYY-MM-DD.' }).nullable()),
  note: text,
  key: formKey,
})

/** Codes are shown once: whoever sends the form again is told that they were. */
export const makeCodes: Act = async (deps, actor, form) => {
  const { key, expiresAt, ...asked } = readForm(newCodes, form)
  const { currency } = deps
  const made = await createCodesFor(deps, actor, {
    ...{ ...asked, currency, idempotencyKey: key },
    expiresAt: expiresAt === null ? null : endOfDay(expiresAt),
  })
  if (made.outcome === 'repeated') return { message: 'These codes were made before, and were shown then.' }
  const worth = nanoInMoney(asked.amountNano, currency)
  const message =
    made.codes.length === 1 ? `One code of ${worth} is made.` : `${made.codes.length} codes of ${worth} each are made.`
  return { message, secrets: made.codes.map(({ code }) => code) }
}

const codeNamed = z.strictObject({ codeId: rowId, key: formKey })

export const disableCode: Act = async (deps, actor, form) => {
  const { codeId } = readForm(codeNamed, form)
  await disableCodeFor(deps, actor, codeId)
  return { message: 'Nobody can redeem the code any more.' }
}

const eventNamed = z.strictObject({ eventId: neededText('Name the webhook.'), key: formKey })

export const replayWebhook: Act = async (deps, actor, form) => {
  const { eventId } = readForm(eventNamed, form)
  const { result, reason } = await replayWebhookFor(deps.desk, actor, eventId)
  return { message: `It was ${result.toLowerCase()}${reason ? `: ${reason}` : ''}.` }
}

const taxRate = z.strictObject({
  territory: neededText('Enter a country such as DE, or a part such as US-CA.'),
  rateBps: writtenPercent,
  from: day,
  source: neededText('Name the law or publication that says so.'),
  key: formKey,
})

export const addTaxRate: Act = async (deps, actor, form) => {
  const { key: _once, territory, ...asked } = readForm(taxRate, form)
  const row = await addTaxRateFor(deps, actor, { ...asked, territory: territory.trim().toUpperCase() })
  return { message: `From ${row.from} on, the rate in ${row.territory} is ${row.rateBps / 100} %.` }
}

const exchangeRate = z.strictObject({
  from: neededText('Enter a currency such as EUR.'),
  to: neededText('Enter a currency such as USD.'),
  rate: neededText('Enter what one unit is worth, such as 0.92310.'),
  date: day,
  source: neededText('Name who published it, such as ECB.'),
  key: formKey,
})

/** The rates of a day are added to, never changed: the one that was added last counts. */
export const addRate: Act = (deps, actor, form) => {
  const subject = { kind: 'exchange_rate', id: null, accountId: null }
  return actAs(
    deps,
    actor,
    { permission: 'change tax rates', action: 'exchange-rate.add', subject },
    async (client) => {
      const { key: _once, from, to, rate, ...asked } = readForm(exchangeRate, form)
      const [of, into] = [from.trim().toUpperCase(), to.trim().toUpperCase()]
      const added = await addExchangeRate(client, deps.clock, {
        ...asked,
        from: of,
        to: into,
        rate: rate.trim().replace(',', '.'),
      })
      const message = `On ${added.date}, 1 ${added.from} is ${added.rate} ${added.to}.`
      const subjectId = `${added.from} ${added.to} ${added.date}`
      return { result: { message }, change: { before: null, after: added, subjectId } }
    },
  )
}
