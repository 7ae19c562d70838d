import { z } from 'zod'
import type { TaxSeller } from './tax-decision.ts'

/** Every country and every state of the US fit. */
const REGISTRATIONS_MAX = 320

const reasonSchema = z.string().trim().min(1).max(300)

/** What an operator says about a seller's taxes, beside its address and VAT id. */
export const taxSellerSettingsSchema = z.strictObject({
  isSmallBusiness: z.boolean().default(false),
  ossRegistered: z.boolean().default(false),
  isBelowOssThreshold: z.boolean().default(false),
  exemption: z
    .strictObject({
      /** Of the code list VATEX, such as VATEX-EU-132-1I; null = none fits. */
      code: z
        .string()
        .regex(/^VATEX-[A-Z0-9-]{2,30}$/, 'Expected a code such as VATEX-EU-132-1I.')
        .nullable(),
      reason: z.strictObject({ en: reasonSchema, de: reasonSchema, fr: reasonSchema, es: reasonSchema }),
    })
    .nullable()
    .default(null),
  registrations: z
    .array(
      z.strictObject({
        territory: z
          .string()
          .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'Expected a country such as GB or a part such as US-CA.'),
        charges: z.enum(['CONSUMERS', 'EVERYONE']),
      }),
    )
    .max(REGISTRATIONS_MAX)
    .refine((rows) => new Set(rows.map(({ territory }) => territory)).size === rows.length, 'Expected each place once.')
    .default([]),
  exportCategory: z.enum(['O', 'G']).nullable().default(null),
})
export type TaxSellerSettings = Readonly<z.infer<typeof taxSellerSettingsSchema>>

/** A seller as `decideTax` wants it. */
export function taxSeller(
  party: Pick<TaxSeller, 'address' | 'vatId'>,
  settings: TaxSellerSettings = taxSellerSettingsSchema.parse({}),
): TaxSeller {
  return { address: party.address, vatId: party.vatId, ...settings }
}
