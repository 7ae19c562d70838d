import React from 'react'
import { useNavigate } from 'react-router-dom'
import { ActForm } from './act-form.jsx'
import { ChoiceField, FileField, LongTextField, TextField, TickField } from './fields.jsx'
import { ActingPage, Section, Table, wordOf } from './page-parts.jsx'
import { useAsked, useView } from './use-view.js'

/** Who issues invoices: name, address, tax, bank details, and the numbers that invoices take. */
export default function SellersPage() {
  const { reseller } = useAsked()
  const navigate = useNavigate()
  const page = useView('sellers', { reseller })
  return (
    <ActingPage title="Seller and numbers" page={page}>
      {(view) => (
        <>
          {view.choices.length > 0 ? (
            <Section>
              <label style={{ display: 'grid', gap: 4, maxWidth: 640, fontWeight: 600 }}>
                Who sells
                <select
                  value={view.resellerId ?? ''}
                  onChange={(event) =>
                    navigate(`/admin/pages/sellers${event.target.value ? `?reseller=${event.target.value}` : ''}`)
                  }
                  style={{ font: 'inherit', padding: 8 }}
                >
                  <option value="">The operator</option>
                  {view.choices.map(({ id, name, isSetUp }) => (
                    <option key={id} value={id}>
                      {name}
                      {isSetUp ? '' : ' (not set up: the operator sells for it)'}
                    </option>
                  ))}
                </select>
              </label>
            </Section>
          ) : null}
          <Section title="Number series">
            <Table
              caption="Number series"
              empty="They begin when the seller is set up."
              rows={view.series}
              keyOf={({ kind }) => kind}
              columns={[
                { title: 'For', of: ({ kind }) => `${wordOf(kind)}s` },
                { title: 'Pattern', of: ({ pattern }) => <code>{pattern}</code> },
                { title: 'Begins anew', of: ({ reset }) => (reset === 'YEARLY' ? 'each year' : 'never') },
                {
                  title: 'Last number',
                  isAmount: true,
                  of: ({ lastNumber, year }) =>
                    lastNumber === '0' ? 'none yet' : `${lastNumber}${year ? ` (${year})` : ''}`,
                },
              ]}
            />
          </Section>
          <Section title={view.seller ? view.seller.legalName : 'Set up the seller'}>
            <SellerForm key={view.resellerId ?? 'operator'} view={view} page={page} />
          </Section>
        </>
      )}
    </ActingPage>
  )
}

const FIELDS = [
  ['legalName', 'Name of the company'],
  ['address.line1', 'Street and number'],
  ['address.line2', 'More of the address (may be left out)'],
  ['address.postalCode', 'Postal code'],
  ['address.city', 'City'],
  ['address.region', 'Region (may be left out)'],
  ['address.country', 'Country, such as DE'],
  ['vatId', 'VAT id, with its country'],
  ['taxNumber', 'Tax number'],
  ['registrationNumber', 'Number in the company register'],
  ['email', 'E-mail address'],
  ['phone', 'Telephone'],
  ['website', 'Website'],
  ['bank.holder', 'Bank account: holder'],
  ['bank.iban', 'Bank account: IBAN'],
  ['bank.bic', 'Bank account: BIC'],
  ['bank.name', 'Bank account: bank'],
  ['timeZone', 'Time zone of invoice dates'],
  ['invoicePattern', 'Numbers of invoices'],
  ['creditNotePattern', 'Numbers of credit notes'],
]

function SellerForm({ view: { seller, series, resellerId }, page }) {
  return (
    <ActForm
      act="seller-write"
      hidden={{ resellerId: resellerId ?? '' }}
      initial={entered(seller, series)}
      button={seller ? `Change the seller ${seller.legalName}` : 'Set up the seller'}
      onDone={page.done}
    >
      {(form) => (
        <>
          {FIELDS.map(([name, label]) => (
            <TextField key={name} form={form} name={name} label={label} />
          ))}
          <ChoiceField
            form={form}
            name="numberReset"
            label="Numbers begin anew"
            choices={[
              ['YEARLY', 'Each year'],
              ['NEVER', 'Never'],
            ]}
          />
          <ChoiceField
            form={form}
            name="taxPoint"
            label="Tax on prepaid credits is due"
            choices={[
              ['PURCHASE', 'When they are bought'],
              ['USAGE', 'As they are used (multi-purpose vouchers)'],
            ]}
          />
          <TickField form={form} name="isSmallBusiness" label="Small business: charges no VAT" />
          <TickField form={form} name="isOssRegistered" label="Registered for the One-Stop-Shop of the EU" />
          <LongTextField form={form} name="footer" label="Footer of invoices" />
          <FileField
            form={form}
            name="logo"
            label="Logo (PNG or JPEG, at most 256 KiB)"
            accept="image/png,image/jpeg"
            hint="The one that there is stays until another one is chosen."
          />
        </>
      )}
    </ActForm>
  )
}

function entered(seller, series) {
  const pattern = (kind, fallback) => series.find((one) => one.kind === kind)?.pattern ?? fallback
  const bank = seller?.bank
  return {
    ...Object.fromEntries(FIELDS.filter(([name]) => !name.includes('.')).map(([name]) => [name, seller?.[name] ?? ''])),
    ...Object.fromEntries(
      Object.entries(seller?.address ?? {}).map(([name, value]) => [`address.${name}`, value ?? '']),
    ),
    ...{
      'bank.holder': bank?.holder ?? '',
      'bank.iban': bank?.iban ?? '',
      'bank.bic': bank?.bic ?? '',
      'bank.name': bank?.name ?? '',
    },
    ...{ footer: seller?.footer ?? '', taxPoint: seller?.taxPoint ?? 'PURCHASE', timeZone: seller?.timeZone ?? 'UTC' },
    ...{ isSmallBusiness: seller?.isSmallBusiness ?? false, isOssRegistered: seller?.isOssRegistered ?? false },
    ...{
      invoicePattern: pattern('INVOICE', 'FB-{yyyy}-{000001}'),
      creditNotePattern: pattern('CREDIT_NOTE', 'FB-CN-{yyyy}-{000001}'),
    },
    numberReset: series[0]?.reset ?? 'YEARLY',
  }
}
