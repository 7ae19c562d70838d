import type Stripe from 'stripe'
import { invalidRequest } from '../api/stripe-refusal.ts'
import type { StoredLineItem } from '../records/stored-objects.ts'
import type { StripeAccount } from '../records/stripe-account.ts'
import type { LineItemParams } from './session-params.ts'

/** A line of a session, with a price and a product that exist for it alone. */
export function lineItemOf(
  account: StripeAccount,
  { price_data: price, quantity = 1, metadata }: LineItemParams,
): StoredLineItem {
  if (quantity < 1)
    throw invalidRequest('This value must be greater than or equal to 1.', { param: 'line_items[0][quantity]' })
  const total = price.unit_amount * quantity
  return {
    id: account.newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency: price.currency,
    // Stripe shows the name here and keeps the description with the product.
    description: price.product_data.name,
    metadata: metadata ?? {},
    price: {
      id: account.newId('price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: account.now(),
      currency: price.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: price.product_data.description ? { product_description: price.product_data.description } : {},
      nickname: null,
      product: account.newId('prod'),
      recurring: null,
      tax_behavior: price.tax_behavior ?? 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: price.unit_amount,
      // A string on the wire, whatever the SDK makes of it.
      unit_amount_decimal: String(price.unit_amount) as unknown as Stripe.Decimal,
    },
    quantity,
  }
}
