import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import {
  AmountField,
  ChoiceField,
  DayField,
  FileField,
  LongTextField,
  RadioField,
  TextField,
  TickField,
} from './fields.jsx'
import { AccountLink, ActingPage, Facts, Money, Section, WhyNot, wordOf } from './page-parts.jsx'
import { useAsked, usePreview, useView } from './use-view.js'

const KINDS = [
  { value: 'CREDIT', title: 'Add credit', explanation: 'A new credit with an end of its own.' },
  { value: 'DEBIT', title: 'Take credit', explanation: 'Out of what is free, never more.' },
  { value: 'EXTENSION', title: 'Let a credit last longer', explanation: 'Its amount stays as it is.' },
]

/** Adds credit to an account, takes it, or lets it last longer. */
export default function AdjustPage() {
  const { account } = useAsked()
  const page = useView('adjust', { account })
  return (
    <ActingPage title="Adjust credits" page={page}>
      {(view) => (
        <Section>
          <Facts
            facts={[
              ['Account', <AccountLink key="account" {...view.account} />],
              ['Can be taken now', <Money key="free" nano={view.availableNano} currency={view.currency} />],
            ]}
          />
          {view.whyNot ? <WhyNot>{view.whyNot}</WhyNot> : <AdjustForm view={view} page={page} />}
        </Section>
      )}
    </ActingPage>
  )
}

function AdjustForm({ view: { account, currency, lots, limitMinor }, page }) {
  const limit = exactAmount(limitMinor, { kind: 'minor', currency })
  return (
    <ActForm
      act="adjustment-request"
      hidden={{ accountId: account.id }}
      initial={{ kind: 'CREDIT', promotional: true, creditDays: '365', lotId: lots[0]?.id ?? '' }}
      button={(values) => buttonOf(values, currency, lots)}
      onDone={page.done}
    >
      {(form) => (
        <>
          <RadioField form={form} name="kind" label="What to do" choices={KINDS} />
          {form.values.kind === 'EXTENSION' ? (
            <ExtensionFields form={form} lots={lots} currency={currency} />
          ) : (
            <AmountField
              form={form}
              name="amountNano"
              label="Amount"
              currency={currency}
              hint={`Above ${limit}, somebody else decides.`}
            />
          )}
          {form.values.kind === 'CREDIT' ? (
            <>
              <TextField form={form} name="creditDays" label="Lasts for days" inputMode="numeric" />
              <TickField
                form={form}
                name="promotional"
                label="Promotional"
                hint="Nobody pays for it, and it is spent before what was paid for."
              />
            </>
          ) : null}
          {form.values.kind === 'EXTENSION' ? null : <Preview account={account.id} form={form} />}
          <LongTextField
            form={form}
            name="reason"
            label="Why"
            hint="In a sentence of at least 10 characters: the account’s people read it."
          />
          <FileField
            form={form}
            name="attachment"
            label="Attachment (may be left out)"
            accept=".pdf,.png,.jpg,.jpeg,.txt,.csv,.eml"
            hint="PDF, picture, text, CSV or mail, at most 5 MiB."
          />
        </>
      )}
    </ActForm>
  )
}

function buttonOf({ kind, amountNano, lotId }, currency, lots) {
  if (kind === 'EXTENSION') {
    const lot = lots.find(({ id }) => id === lotId)
    return lot ? `Let ${exactAmount(lot.remainingNano, { kind: 'nano', currency })} last longer` : 'Let it last longer'
  }
  const amount = amountNano?.trim() ? `${amountNano.trim()} ${currency}` : 'credit'
  return kind === 'DEBIT' ? `Take ${amount}` : `Add ${amount}`
}

function ExtensionFields({ form, lots, currency }) {
  if (lots.length === 0) return <WhyNot>The account has no credit that expires.</WhyNot>
  const word = ({ remainingNano, sourceKind, expiresAt }) =>
    `${exactAmount(remainingNano, { kind: 'nano', currency })} of ${wordOf(sourceKind).toLowerCase()}, until ${expiresAt.slice(0, 10)}`
  return (
    <>
      <ChoiceField form={form} name="lotId" label="Credit" choices={lots.map((lot) => [lot.id, word(lot)])} />
      <DayField form={form} name="expiresAt" label="Lasts until the end of (UTC)" />
    </>
  )
}

function Preview({ account, form: { values } }) {
  const amount = values.amountNano ?? ''
  const preview = usePreview('adjustment-preview', { account, kind: values.kind, amount }, amount.trim() !== '')
  if (!preview) return null
  if (preview.problem) return <p role="status">{preview.problem}</p>
  if (!preview.afterNano) return null
  return (
    <p role="status" style={{ margin: 0, background: '#f3f5f8', borderRadius: 6, padding: 12 }}>
      The balance goes from <Money nano={preview.balanceNano} currency={preview.currency} /> to{' '}
      <Money nano={preview.afterNano} currency={preview.currency} />
      {preview.waits ? `, once somebody else has approved it: it is above ${preview.limit}.` : ', at once.'}
    </p>
  )
}
