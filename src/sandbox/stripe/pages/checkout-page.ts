import {
  type FieldName,
  type FieldProblems,
  type FieldValues,
  fieldsOf,
  type PageFields,
} from '../checkout/checkout-form.ts'
import { COUNTRIES } from '../checkout/countries.ts'
import { formatMinor } from '../payments/minor-units.ts'
import { TEST_CARDS } from '../payments/test-cards.ts'
import type { StoredLineItem, StoredSession } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import { type Html, html } from './html.ts'
import { layout } from './page-layout.ts'

const TAX_ID_KINDS: Readonly<Record<string, string>> = {
  eu_vat: 'EU VAT number',
  gb_vat: 'UK VAT number',
  ch_vat: 'Swiss VAT number',
  no_vat: 'Norwegian VAT number',
  us_ein: 'US EIN',
  au_abn: 'Australian ABN',
  ca_bn: 'Canadian business number',
  in_gst: 'Indian GST number',
}

export interface CheckoutPageState {
  values: FieldValues
  problems: FieldProblems
  /** Stripe's words about the last try. */
  decline: string | null
}

/** The page on which a person pays, or saves a card. Plain forms, no script. */
export function checkoutPage(account: StripeAccount, session: StoredSession, state: CheckoutPageState): string {
  const asked = fieldsOf(account, session)
  const total = session.amount_total === null ? null : formatMinor(session.amount_total, session.currency ?? 'usd')
  const title = total === null ? 'Save a card' : `Pay ${total}`
  const items = account.checkoutFacts.get(session.id)?.lineItems ?? []
  const content = html`
<section class="summary" aria-label="Order">
<h1>${total === null ? 'Save a card for later payments' : 'Amount to pay'}</h1>
${total === null ? null : html`<p class="total">${total}</p>`}
${items.length > 0 && html`<ul class="items">${items.map(lineItem)}</ul>`}
</section>
<div class="card main">
${state.decline !== null && html`<p class="alert" role="alert" id="decline" tabindex="-1" autofocus>${state.decline}</p>`}
${Object.keys(state.problems).length > 0 && html`<p class="alert" role="alert" id="problems" tabindex="-1" autofocus>Please check the fields that are marked below.</p>`}
<form id="checkout" method="post" action="/c/pay/${session.id}" novalidate>
${contactFields(session, asked, state)}
${methodFields(session, asked, state)}
${asked.asksForAddress && addressFields(state)}
${asked.asksForTaxId && taxIdFields(state)}
${asked.offersSaving && saveBox(state)}
<button class="primary" id="pay" type="submit">${title}</button>
${session.cancel_url && html`<a class="cancel" id="cancel" href="${session.cancel_url}">Cancel and go back</a>`}
</form>
</div>
<aside class="aside" aria-label="Test cards">${testCards()}</aside>`
  return layout(title, content, 'wide')
}

function lineItem({ description, quantity, price, amount_total: total, currency }: StoredLineItem): Html {
  const each = formatMinor(price?.unit_amount ?? 0, currency)
  const detail = price?.metadata.product_description
  return html`<li><span><strong>${description}</strong>${detail && html`<small>${detail}</small>`}
${(quantity ?? 1) > 1 && html`<small>${quantity} × ${each}</small>`}</span><span class="amount">${formatMinor(total, currency)}</span></li>`
}

interface FieldOptions {
  name: FieldName
  label: string
  autocomplete: string
  inputmode?: string
  placeholder?: string
}

function idOf(name: FieldName): string {
  return name.replaceAll('_', '-')
}

function describedBy(name: FieldName, { problems }: CheckoutPageState): Html | null {
  if (problems[name] === undefined) return null
  return html` aria-invalid="true" aria-describedby="${idOf(name)}-problem"`
}

function problemOf(name: FieldName, { problems }: CheckoutPageState): Html | null {
  const problem = problems[name]
  return problem === undefined ? null : html`<p class="problem" id="${idOf(name)}-problem">${problem}</p>`
}

function input(options: FieldOptions, state: CheckoutPageState): Html {
  const { name, label, autocomplete, inputmode, placeholder } = options
  return html`<div class="field"><label for="${idOf(name)}">${label}</label>
<input id="${idOf(name)}" name="${name}" value="${state.values[name] ?? ''}" autocomplete="${autocomplete}"
${inputmode && html` inputmode="${inputmode}"`}${placeholder && html` placeholder="${placeholder}"`}${describedBy(name, state)}>
${problemOf(name, state)}</div>`
}

function select(
  name: FieldName,
  label: string,
  choices: Iterable<readonly [string, string]>,
  state: CheckoutPageState,
) {
  const chosen = state.values[name] ?? ''
  const option = ([value, text]: readonly [string, string]) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`
  return html`<div class="field"><label for="${idOf(name)}">${label}</label>
<select id="${idOf(name)}" name="${name}"${describedBy(name, state)}><option value="">Choose…</option>${[...choices].map(option)}</select>
${problemOf(name, state)}</div>`
}

function contactFields(session: StoredSession, asked: PageFields, state: CheckoutPageState): Html {
  const name = session.mode === 'setup' ? 'Contact' : 'Contact and receipt'
  const field =
    asked.fixedEmail === null
      ? input({ name: 'email', label: 'Email', autocomplete: 'email', inputmode: 'email' }, state)
      : html`<div class="field"><label for="email">Email</label><input id="email" name="email" value="${asked.fixedEmail}" readonly></div>`
  return html`<fieldset><legend>${name}</legend>${field}</fieldset>`
}

function methodFields(session: StoredSession, asked: PageFields, state: CheckoutPageState): Html {
  const isBankDebit = state.values.method === 'bank_debit'
  const choice = (value: string, label: string, isChosen: boolean) =>
    html`<label class="choice" for="method-${value}"><input type="radio" id="method-${value}" name="method" value="${value}"${isChosen && html` checked`}> ${label}</label>`
  const choices = asked.offersBankDebit && [
    choice('card', 'Card', !isBankDebit),
    choice('bank_debit', 'Bank debit (arrives later)', isBankDebit),
  ]
  const legend = session.mode === 'setup' ? 'Card' : 'Payment method'
  return html`<fieldset><legend>${legend}</legend>${choices && html`<div class="choices">${choices}</div>`}
${input({ name: 'card_number', label: 'Card number', autocomplete: 'cc-number', inputmode: 'numeric', placeholder: '1234 1234 1234 1234' }, state)}
<div class="row">
${input({ name: 'card_expiry', label: 'Expiry date', autocomplete: 'cc-exp', inputmode: 'numeric', placeholder: 'MM / YY' }, state)}
${input({ name: 'card_cvc', label: 'Security code (CVC)', autocomplete: 'cc-csc', inputmode: 'numeric', placeholder: '123' }, state)}
</div>
${input({ name: 'card_name', label: asked.offersBankDebit ? 'Name of the payer' : 'Name on card', autocomplete: 'cc-name' }, state)}
${asked.offersBankDebit && html`<p class="hint">A bank debit needs the name only.</p>`}
${!asked.asksForAddress && select('country', 'Country', COUNTRIES, state)}</fieldset>`
}

function addressFields(state: CheckoutPageState): Html {
  return html`<fieldset><legend>Billing address</legend>
${input({ name: 'line1', label: 'Street and number', autocomplete: 'billing address-line1' }, state)}
<div class="row">
${input({ name: 'postal_code', label: 'Postal code', autocomplete: 'billing postal-code' }, state)}
${input({ name: 'city', label: 'City', autocomplete: 'billing address-level2' }, state)}
</div>
${select('country', 'Country', COUNTRIES, state)}</fieldset>`
}

function taxIdFields(state: CheckoutPageState): Html {
  return html`<fieldset><legend>Tax ID <span class="hint">(optional, for businesses)</span></legend><div class="row">
${select('tax_id_type', 'Kind', Object.entries(TAX_ID_KINDS), state)}
${input({ name: 'tax_id', label: 'Number', autocomplete: 'off' }, state)}
</div></fieldset>`
}

function saveBox(state: CheckoutPageState): Html {
  const isChecked = state.values.save_card !== undefined
  return html`<label class="choice alone" for="save-card"><input type="checkbox" id="save-card" name="save_card"${isChecked && html` checked`}> Save this card for the next purchase</label>`
}

/** After the form, so that the Enter key means Pay. */
function testCards(): Html {
  const spaced = (number: string) => number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
  const card = ({ number, effect }: (typeof TEST_CARDS)[number]) =>
    html`<li><button type="submit" form="checkout" name="fill" value="${number}"><code>${spaced(number)}</code><span>${effect}</span></button></li>`
  return html`<details open><summary>Test cards</summary>
<p class="hint">One click fills in the card. Any security code and any date to come will do.</p>
<ul class="cards">${TEST_CARDS.map(card)}</ul></details>`
}
