import { z } from 'zod'
import {
  amount,
  currency,
  expandParam,
  filledText,
  flag,
  integer,
  listOf,
  metadata,
  text,
  url,
} from '../api/read-params.ts'

export const LINE_ITEMS_MAX = 100
const CLIENT_REFERENCE_LENGTH_MAX = 200

const productData = z.strictObject({
  name: filledText,
  description: filledText.optional(),
  images: listOf(text).optional(),
  metadata: metadata.optional(),
  tax_code: text.optional(),
})

const lineItem = z.strictObject({
  price_data: z.strictObject({
    currency,
    unit_amount: amount,
    product_data: productData,
    tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
  }),
  quantity: integer.optional(),
  metadata: metadata.optional(),
})

const autoOrNever = z.enum(['auto', 'never'])

/** What Farebox may say to `checkout.sessions.create`; anything else is unknown. */
export const sessionParams = z.strictObject({
  mode: z.enum(['payment', 'setup']),
  success_url: url,
  cancel_url: url.optional(),
  line_items: listOf(lineItem).optional(),
  currency: currency.optional(),
  client_reference_id: filledText.max(CLIENT_REFERENCE_LENGTH_MAX).optional(),
  metadata: metadata.optional(),
  customer: filledText.optional(),
  customer_email: filledText.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_update: z
    .strictObject({ address: autoOrNever.optional(), name: autoOrNever.optional(), shipping: autoOrNever.optional() })
    .optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  tax_id_collection: z
    .strictObject({ enabled: flag, required: z.enum(['if_supported', 'never']).optional() })
    .optional(),
  payment_intent_data: z
    .strictObject({
      metadata: metadata.optional(),
      setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
      description: text.optional(),
      receipt_email: text.optional(),
      statement_descriptor: text.optional(),
      capture_method: z.enum(['automatic', 'automatic_async']).optional(),
    })
    .optional(),
  setup_intent_data: z.strictObject({ metadata: metadata.optional(), description: text.optional() }).optional(),
  expires_at: integer.optional(),
  payment_method_types: listOf(text).optional(),
  payment_method_options: z.record(z.string(), z.unknown()).optional(),
  saved_payment_method_options: z
    .strictObject({
      payment_method_save: z.enum(['enabled', 'disabled']).optional(),
      payment_method_remove: z.enum(['enabled', 'disabled']).optional(),
      allow_redisplay_filters: listOf(z.enum(['always', 'limited', 'unspecified'])).optional(),
    })
    .optional(),
  locale: text.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  automatic_tax: z.strictObject({ enabled: z.literal('false').transform(() => false) }).optional(),
  allow_promotion_codes: z.literal('false').optional(),
  phone_number_collection: z.strictObject({ enabled: z.literal('false').transform(() => false) }).optional(),
  ui_mode: z.enum(['hosted_page', 'hosted']).optional(),
  ...expandParam,
})

export type SessionParams = z.infer<typeof sessionParams>
export type LineItemParams = z.infer<typeof lineItem>
