import React from 'react'
import { Link } from 'react-router-dom'
import { ApproveForm } from './approve-form.jsx'
import { CancelForm } from './cancel-form.jsx'
import { DecideAdjustment } from './decide-adjustment.jsx'
import { AccountLink, ActingPage, Folded, LINK, Money, Section, Time, WhyNot } from './page-parts.jsx'
import { RefundForms } from './refund-forms.jsx'
import { useView } from './use-view.js'

/** Everything that waits for somebody's decision, the oldest first. */
export default function ApprovalsPage() {
  const page = useView('approvals')
  return (
    <ActingPage title="Approvals" page={page}>
      {(view) => (
        <>
          <Section title={`Money that arrived (${view.orders.length})`}>
            {view.orders.length === 0 ? (
              <p style={{ margin: 0 }}>
                No order has money waiting. Orders that still wait for their money are in the{' '}
                <Link style={LINK} to="/admin/resources/orders?filters.kind=MANUAL&filters.state=AWAITING_PAYMENT">
                  list of orders
                </Link>
                .
              </p>
            ) : null}
            {view.orders.map((waiting) => (
              <WaitingOrder key={waiting.order.id} waiting={waiting} view={view} page={page} />
            ))}
          </Section>
          <Section title={`Adjustments above ${minorText(view.limitMinor)} (${view.adjustments.length})`}>
            {view.adjustments.length === 0 ? (
              <p style={{ margin: 0 }}>No adjustment waits for a second person.</p>
            ) : null}
            {view.adjustments.map(({ adjustment, whyNot }) => (
              <article
                key={adjustment.id}
                style={CARD}
                aria-label={`Adjustment for ${view.accounts[adjustment.accountId]}`}
              >
                <DecideAdjustment {...{ adjustment, whyNot, view, page }} />
              </article>
            ))}
          </Section>
          <Section title={`Refunds to transfer (${view.refunds.length})`}>
            {view.refunds.length === 0 ? <p style={{ margin: 0 }}>No bank refund waits for its transfer.</p> : null}
            {view.refunds.map(({ refund, whyNot }) => (
              <article key={refund.id} style={CARD} aria-label={`Refund to ${view.accounts[refund.accountId]}`}>
                <p style={LINE}>
                  <Money minor={refund.totalMinor} currency={refund.currency} isLarge /> back to{' '}
                  <AccountLink id={refund.accountId} name={view.accounts[refund.accountId]} /> for{' '}
                  <Link style={LINK} to={`/admin/pages/order?id=${refund.orderId}`}>
                    its order
                  </Link>
                </p>
                <p style={LINE}>
                  {view.people[refund.actorId] ?? 'Somebody'} asked for it on <Time at={refund.createdAt} />:{' '}
                  {refund.reason}
                </p>
                {whyNot ? <WhyNot>{whyNot}</WhyNot> : <RefundForms refund={refund} page={page} />}
              </article>
            ))}
          </Section>
        </>
      )}
    </ActingPage>
  )
}

function WaitingOrder({ waiting: { order, receipts, choices, whyNot, whyNotCancel }, view, page }) {
  return (
    <article style={CARD} aria-label={`Order of ${view.accounts[order.accountId]}`}>
      <p style={LINE}>
        <Money minor={order.receivedMinor} currency={order.currency} isLarge /> of{' '}
        <Money minor={order.totalMinor} currency={order.currency} /> from{' '}
        <AccountLink id={order.accountId} name={view.accounts[order.accountId]} />, order{' '}
        <Link style={LINK} to={`/admin/pages/order?id=${order.id}`}>
          {order.reference}
        </Link>
      </p>
      <p style={LINE}>
        Opened by {view.people[order.createdById] ?? 'the program'} on <Time at={order.createdAt} />
        {order.note ? `: ${order.note}` : ''}
      </p>
      <ul style={{ margin: 0, paddingLeft: 20 }}>
        {receipts.map((receipt) => (
          <li key={receipt.id}>
            <Money minor={receipt.amountMinor} currency={receipt.currency} /> on {receipt.receivedOn}, “
            {receipt.bankReference}”, recorded by {view.people[receipt.recordedById] ?? 'somebody'} on{' '}
            <Time at={receipt.recordedAt} />
          </li>
        ))}
      </ul>
      {whyNot ? <WhyNot>{whyNot}</WhyNot> : <ApproveForm order={order} choices={choices} page={page} />}
      {whyNotCancel ? null : (
        <Folded title="Reject it">
          <CancelForm order={order} page={page} />
        </Folded>
      )}
    </article>
  )
}

/** The limit is in the platform's currency, and in each other as many units. */
const minorText = (minor) =>
  `${minor.slice(0, -2) || '0'}.${minor.padStart(3, '0').slice(-2)}`.replace(/\B(?=(\d{3})+\.)/g, ',')

const CARD = { display: 'grid', gap: 12, border: '1px solid #c6cbd2', borderRadius: 6, padding: 16, minWidth: 0 }
const LINE = { margin: 0, overflowWrap: 'anywhere' }
