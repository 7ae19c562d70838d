import React from 'react'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { LongTextField, TextField } from './fields.jsx'
import { AccountLink, Folded, LINK, Money, Time, WhyNot } from './page-parts.jsx'

const VERBS = { CREDIT: 'to', DEBIT: 'taken from', EXTENSION: 'made to last longer for' }

/** An adjustment that waits: who asked for what and why, and the decision where it is the reader's. */
export function DecideAdjustment({ adjustment, whyNot, view, page }) {
  const { id, accountId, kind, amountNano, currency, expiresAt, createdById, createdAt, reason, attachmentName } =
    adjustment
  const amount = exactAmount(amountNano, { kind: 'nano', currency })
  const hidden = { adjustmentId: id }
  return (
    <>
      <p style={LINE}>
        <Money nano={amountNano} currency={currency} isLarge /> {VERBS[kind]}{' '}
        <AccountLink id={accountId} name={view.accounts[accountId]} />
        {kind === 'DEBIT'
          ? null
          : kind === 'CREDIT'
            ? adjustment.promotional
              ? ', promotional'
              : ', as if paid for'
            : null}
        {expiresAt ? (
          <>
            , until <Time at={expiresAt} />
          </>
        ) : null}
      </p>
      <p style={LINE}>
        {view.people[createdById] ?? 'Somebody'} asked for it on <Time at={createdAt} />: {reason}
      </p>
      {attachmentName ? (
        <a href={`/admin/data/adjustments/${id}/attachment`} style={LINK} download>
          {attachmentName}
        </a>
      ) : null}
      {whyNot ? (
        <WhyNot>{whyNot}</WhyNot>
      ) : (
        <>
          <ActForm
            act="adjustment-decide"
            hidden={{ ...hidden, decision: 'approve' }}
            button={`Approve ${amount}`}
            onDone={page.done}
          >
            {(form) => <TextField form={form} name="note" label="Note (may be left out)" />}
          </ActForm>
          <Folded title="Reject it">
            <ActForm
              act="adjustment-decide"
              hidden={{ ...hidden, decision: 'reject' }}
              button={`Reject ${amount}`}
              isDanger
              onDone={page.done}
            >
              {(form) => <LongTextField form={form} name="note" label="Why it is rejected" />}
            </ActForm>
          </Folded>
        </>
      )}
    </>
  )
}

const LINE = { margin: 0, overflowWrap: 'anywhere' }
