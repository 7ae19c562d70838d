import type { NewSeller } from '../../invoicing/seller-schema.ts'

/** Who sells in the demo. The tax ids are well formed and nobody's; the account numbers are the banks' own examples. */
export const DEMO_OPERATOR: NewSeller = {
  legalName: 'Farebox Demo GmbH',
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
  vatId: 'DE136695976',
  registrationNumber: 'HRB 000000 B, Amtsgericht Charlottenburg',
  email: 'billing@demo.farebox.test',
  website: 'demo.farebox.test',
  bank: { holder: 'Farebox Demo GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', name: 'Commerzbank' },
  footer: 'This is a demonstration: no money was paid and nothing was supplied.',
  timeZone: 'Europe/Berlin',
}

export const DEMO_RESELLER_SELLER: NewSeller = {
  legalName: 'Northwind Cloud SARL',
  address: { line1: '10 rue de la Paix', postalCode: '75002', city: 'Paris', country: 'FR' },
  vatId: 'FR83404833048',
  email: 'billing@northwind.farebox.test',
  bank: { holder: 'Northwind Cloud SARL', iban: 'FR1420041010050500013M02606', bic: 'PSSTFRPPPAR' },
  timeZone: 'Europe/Paris',
  invoicePattern: 'NW-{yyyy}-{00001}',
  creditNotePattern: 'NW-CN-{yyyy}-{00001}',
}
