import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { RadioField } from './fields.jsx'

/** Approves what arrived, in one of the ways that fit it. The button says what becomes credits. */
export function ApproveForm({ order, choices, page }) {
  if (choices.length === 0) return <p style={{ margin: 0 }}>Nothing has arrived yet that could be approved.</p>
  const total = (settlement) => {
    const { totalMinor } = choices.find((choice) => choice.settlement === settlement) ?? choices[0]
    return exactAmount(totalMinor, { kind: 'minor', currency: order.currency })
  }
  return (
    <ActForm
      act="order-approve"
      hidden={{ orderId: order.id, receivedMinor: order.receivedMinor }}
      initial={{ settlement: choices[0].settlement }}
      button={({ settlement }) => `Approve ${total(settlement)}`}
      onDone={page.done}
    >
      {(form) => (
        <RadioField
          form={form}
          name="settlement"
          label="What is done with it"
          choices={choices.map(({ settlement, title, explanation }) => ({ value: settlement, title, explanation }))}
        />
      )}
    </ActForm>
  )
}
