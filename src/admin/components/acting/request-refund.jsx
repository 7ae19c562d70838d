import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { AmountField, LongTextField } from './fields.jsx'
import { Money } from './page-parts.jsx'
import { usePreview } from './use-view.js'

/** Begins a refund of what is unspent: how much, and what it takes back. */
export function RequestRefund({ order: { id, currency }, most, page }) {
  const all = exactAmount(most.totalMinor, { kind: 'minor', currency })
  return (
    <ActForm
      act="refund-request"
      hidden={{ orderId: id }}
      initial={{ totalMinor: all.replace(` ${currency}`, '') }}
      button={({ totalMinor }) => `Refund ${totalMinor?.trim() ? `${totalMinor.trim()} ${currency}` : all}`}
      isDanger
      onDone={page.done}
    >
      {(form) => (
        <>
          <AmountField
            form={form}
            name="totalMinor"
            label="Amount with tax"
            currency={currency}
            hint={`At most ${all}: what is unspent, with its tax.`}
          />
          <Takes id={id} amount={form.values.totalMinor?.trim() ? form.values.totalMinor : all} />
          <LongTextField form={form} name="reason" label="Why (the account is told it)" />
        </>
      )}
    </ActForm>
  )
}

function Takes({ id, amount }) {
  const preview = usePreview('refund-preview', { id, amount })
  if (!preview) return null
  if (preview.problem) return <p role="status">{preview.problem}</p>
  if (!preview.plan) return null
  const { plan, currency } = preview
  return (
    <p role="status" style={{ margin: 0, background: '#f3f5f8', borderRadius: 6, padding: 12 }}>
      <Money minor={plan.netMinor} currency={currency} /> and <Money minor={plan.taxMinor} currency={currency} /> of tax
      go back; it takes back credits of <Money nano={plan.creditNano} currency={currency} />
      {plan.bonusNano === '0' ? (
        ''
      ) : (
        <>
          {' '}
          and the bonus of <Money nano={plan.bonusNano} currency={currency} />
        </>
      )}
      . A credit note is issued.
    </p>
  )
}
