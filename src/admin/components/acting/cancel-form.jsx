import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { LongTextField, TickField } from './fields.jsx'

/** Gives an order up that is not paid. Where money has arrived, it is said that it goes back. */
export function CancelForm({ order: { id, receivedMinor, totalMinor, currency }, page }) {
  return (
    <ActForm
      act="order-cancel"
      hidden={{ orderId: id }}
      initial={{ returnReceived: false }}
      button={`Cancel the order over ${exactAmount(totalMinor, { kind: 'minor', currency })}`}
      isDanger
      onDone={page.done}
    >
      {(form) => (
        <>
          <LongTextField form={form} name="reason" label="Why" />
          {receivedMinor === '0' ? null : (
            <TickField
              form={form}
              name="returnReceived"
              label={`${exactAmount(receivedMinor, { kind: 'minor', currency })} arrived, and is transferred back`}
            />
          )}
        </>
      )}
    </ActForm>
  )
}
