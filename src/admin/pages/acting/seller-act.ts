import { z } from 'zod'
import { requireMay } from '../../../back-office/acting.ts'
import { writeSellerFor } from '../../../back-office/sellers.ts'
import { readLogo, readSeller, type Seller } from '../../../invoicing/seller.ts'
import { TAX_POINTS } from '../../../invoicing/seller-schema.ts'
import type { AdminDeps } from '../../admin-deps.ts'
import type { Act } from './acting.ts'
import { file, flag, formKey, neededText, readForm, rowIdOrNone, text } from './form.ts'
import { whose } from './sellers-view.ts'

/** Its fields are named as the use case names them, so that a refusal finds its field. */
const seller = z.strictObject({
  resellerId: rowIdOrNone,
  legalName: neededText('Enter the name of the company.'),
  'address.line1': neededText('Enter a street and a number.'),
  'address.line2': text,
  'address.postalCode': neededText('Enter a postal code.'),
  'address.city': neededText('Enter a city.'),
  'address.region': text,
  'address.country': neededText('Enter a country such as DE.'),
  ...{ vatId: text, taxNumber: text, registrationNumber: text, email: text, phone: text, website: text, footer: text },
  ...{ 'bank.holder': text, 'bank.iban': text, 'bank.bic': text, 'bank.name': text },
  taxPoint: z.enum(TAX_POINTS, { error: 'Choose one.' }),
  isSmallBusiness: flag.default(false),
  isOssRegistered: flag.default(false),
  timeZone: neededText('Enter a time zone such as Europe/Berlin.'),
  invoicePattern: neededText('Enter a pattern such as FB-{yyyy}-{000001}.'),
  creditNotePattern: neededText('Enter a pattern such as FB-CN-{yyyy}-{000001}.'),
  numberReset: z.enum(['YEARLY', 'NEVER'], { error: 'Choose one.' }),
  logo: file,
  key: formKey,
})

/** Sets a seller up, or changes it. A logo stays until another one is chosen. */
export const writeSeller: Act = async (deps, actor, form) => {
  await requireMay(
    deps,
    actor,
    'change sellers',
    { kind: 'seller', id: null, accountId: actor.resellerId },
    'seller.write',
  )
  const { key: _once, resellerId: asked, logo, ...entered } = readForm(seller, form)
  const resellerId = await whose(deps.pool, actor, asked)
  const known = await readSeller(deps.pool, resellerId)
  const given = (name: keyof typeof entered) => entered[name] as string | null
  const [holder, iban, bic, name] = [given('bank.holder'), given('bank.iban'), given('bank.bic'), given('bank.name')]
  const { legalName, vatId, taxNumber, registrationNumber, email, phone, website, footer } = entered
  const { taxPoint, isSmallBusiness, isOssRegistered, timeZone, invoicePattern, creditNotePattern, numberReset } =
    entered
  const written = await writeSellerFor(deps, actor, resellerId, {
    ...{ legalName, vatId, taxNumber, registrationNumber, email, phone, website, footer },
    address: {
      ...{ line1: entered['address.line1'], line2: entered['address.line2'], city: entered['address.city'] },
      ...{ postalCode: entered['address.postalCode'], region: entered['address.region'] },
      country: entered['address.country'].trim().toUpperCase(),
    },
    bank: iban === null && holder === null ? null : { holder: holder ?? legalName, iban: iban ?? '', bic, name },
    logo: await logoOf(deps, logo?.bytes ?? null, known),
    ...{ taxPoint, isSmallBusiness, isOssRegistered, timeZone, invoicePattern, creditNotePattern, numberReset },
  })
  return { message: `${written.legalName} is set up as the seller. What was issued before keeps what it said.` }
}

/** The one that was chosen, else the one that there is. */
async function logoOf({ pool }: AdminDeps, chosen: Buffer | null, known: Seller | null) {
  const bytes = chosen ?? (await readLogo(pool, known?.logoSha256 ?? null))
  return bytes && new Uint8Array(bytes)
}
