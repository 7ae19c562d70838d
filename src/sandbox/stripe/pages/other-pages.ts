import { formatMinor } from '../payments/minor-units.ts'
import type { StoredCharge, StoredPaymentIntent, StoredSetupIntent } from '../records/stored-objects.ts'
import { html } from './html.ts'
import { layout, messagePage } from './page-layout.ts'

/** The page of the bank that asks whether it is really you. */
export function authenticatePage(intent: StoredPaymentIntent | StoredSetupIntent): string {
  const what =
    intent.object === 'payment_intent'
      ? html`a payment of <strong>${formatMinor(intent.amount, intent.currency)}</strong>`
      : html`the use of your card for later payments`
  const content = html`<div class="card">
<h1>Confirm with your bank</h1>
<p>Your bank asks whether you agree to ${what}. In the sandbox you decide how it ends.</p>
<form method="post" action="/c/authenticate/${intent.id}" class="stack">
<button class="primary" id="authenticate" name="outcome" value="complete" type="submit">Complete authentication</button>
<button class="secondary" id="fail-authentication" name="outcome" value="fail" type="submit">Fail authentication</button>
</form>
<p class="fine">This page stands in for 3-D Secure.</p>
</div>`
  return layout('Confirm with your bank', content)
}

export function receiptPage(charge: StoredCharge): string {
  const { currency } = charge
  const card = charge.payment_method_details?.card
  const refunded =
    charge.amount_refunded > 0 && html`<dt>Refunded</dt><dd>${formatMinor(charge.amount_refunded, currency)}</dd>`
  const content = html`<div class="card"><h1>Receipt</h1>
<p class="total">${formatMinor(charge.amount, currency)}</p>
<dl class="facts"><dt>Paid</dt><dd><time datetime="${iso(charge.created)}">${iso(charge.created).slice(0, 16).replace('T', ' ')} UTC</time></dd>
<dt>With</dt><dd>${card ? `${brandName(card.brand)} •••• ${card.last4}` : 'Bank debit'}</dd>${refunded}
<dt>Charge</dt><dd>${charge.id}</dd></dl></div>`
  return layout('Receipt', content)
}

function brandName(brand: string | null): string {
  return brand === null ? 'Card' : brand.charAt(0).toUpperCase() + brand.slice(1)
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

export function startPage(): string {
  const text = 'This is where simulated payments happen. Open the link of a checkout session to pay one.'
  return messagePage('The payment sandbox is running', text, null)
}
