import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { LongTextField, TextField } from './fields.jsx'
import { Folded } from './page-parts.jsx'

/** A bank refund that waits: its transfer was made, or it is given up. */
export function RefundForms({ refund: { id, totalMinor, currency }, page }) {
  const amount = exactAmount(totalMinor, { kind: 'minor', currency })
  return (
    <>
      <ActForm
        act="refund-settle"
        hidden={{ refundId: id }}
        button={`Record the transfer of ${amount}`}
        onDone={page.done}
      >
        {(form) => <TextField form={form} name="bankReference" label="Bank reference of the transfer back" />}
      </ActForm>
      <Folded title="Give the refund up">
        <ActForm
          act="refund-cancel"
          hidden={{ refundId: id }}
          button={`Give up the refund of ${amount}`}
          isDanger
          onDone={page.done}
        >
          {(form) => <LongTextField form={form} name="reason" label="Why" />}
        </ActForm>
      </Folded>
    </>
  )
}
