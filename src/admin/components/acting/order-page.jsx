import React from 'react'
import { Link } from 'react-router-dom'
import { exactAmount } from '../amount-text.js'
import { ActForm } from './act-form.jsx'
import { ApproveForm } from './approve-form.jsx'
import { CancelForm } from './cancel-form.jsx'
import { AmountField, DayField, LongTextField, TextField } from './fields.jsx'
import { OrderTrail } from './order-trail.jsx'
import {
  AccountLink,
  ActingPage,
  Facts,
  Folded,
  LINK,
  Money,
  Section,
  State,
  Time,
  WhyNot,
  wordOf,
} from './page-parts.jsx'
import { RefundForms } from './refund-forms.jsx'
import { RequestRefund } from './request-refund.jsx'
import { useAsked, useView } from './use-view.js'

/** One order: what it is over, what can be done now, and everything that happened to it. */
export default function OrderPage() {
  const { id } = useAsked()
  const page = useView('order', { id })
  const reference = page.view?.printedReference
  return (
    <ActingPage title={reference ? `Order ${reference}` : 'Order'} page={page}>
      {(view) => (
        <>
          <Head view={view} />
          <Acts view={view} page={page} />
          <OrderTrail view={view} />
        </>
      )}
    </ActingPage>
  )
}

function Head({ view: { order, accountName, people } }) {
  const { currency } = order
  return (
    <Section>
      <Facts
        facts={[
          ['State', <State key="state" of={order.state} />],
          ['Account', <AccountLink key="account" id={order.accountId} name={accountName} />],
          ['Total', <Money key="total" minor={order.totalMinor} currency={currency} isLarge />],
          ['Received', <Money key="received" minor={order.receivedMinor} currency={currency} isLarge />],
          ['Before tax', <Money key="net" minor={order.netMinor} currency={currency} />],
          ['Tax', <Money key="tax" minor={order.taxMinor} currency={currency} />],
          ['Credits', <Money key="credits" nano={order.creditNano} currency={currency} />],
          order.bonusNano === '0' ? null : ['Bonus', <Money key="bonus" nano={order.bonusNano} currency={currency} />],
          ['Paid by', order.kind === 'MANUAL' ? 'Bank transfer' : wordOf(order.kind)],
          [
            'Opened',
            <>
              <Time key="at" at={order.createdAt} /> by {people[order.createdById] ?? 'the buyer'}
            </>,
          ],
          ['Due', <Time key="due" at={order.expiresAt} />],
          order.approvedById
            ? [
                'Approved',
                <>
                  <Time key="at" at={order.approvedAt} /> by {people[order.approvedById] ?? 'somebody'}
                </>,
              ]
            : null,
          order.refundedMinor === '0'
            ? null
            : ['Refunded', <Money key="refunded" minor={order.refundedMinor} currency={currency} />],
          order.note
            ? [
                'Note',
                <span key="note" style={{ whiteSpace: 'pre-wrap' }}>
                  {order.note}
                </span>,
              ]
            : null,
        ]}
      />
      {order.kind === 'MANUAL' ? (
        <a href={`/admin/data/orders/${order.id}/pro-forma.pdf`} style={LINK} download>
          Pro-forma as PDF
        </a>
      ) : null}
    </Section>
  )
}

function Acts({ view, page }) {
  const { order, whyNot, choices, refunds } = view
  const pending = refunds.filter(({ provider, state }) => provider === 'BANK' && state === 'PENDING')
  const hasActs = ['receive', 'approve', 'cancel', 'refund'].some((name) => name in whyNot)
  if (!hasActs && pending.length === 0) return null
  const said = (because, form) => (because ? <WhyNot>{because}</WhyNot> : form)
  return (
    <Section title="What can be done">
      {'approve' in whyNot ? said(whyNot.approve, <ApproveForm order={order} choices={choices} page={page} />) : null}
      {'receive' in whyNot ? (
        <Folded title="Record money that arrived">
          {said(whyNot.receive, <ReceiptForm order={order} page={page} />)}
        </Folded>
      ) : null}
      {'cancel' in whyNot ? (
        <Folded title="Reject or cancel the order">
          {said(whyNot.cancel, <CancelForm order={order} page={page} />)}
        </Folded>
      ) : null}
      {'refund' in whyNot ? (
        <Folded title="Refund">
          {said(whyNot.refund, <RequestRefund order={order} most={view.refundable} page={page} />)}
        </Folded>
      ) : null}
      {pending.map((refund) => (
        <div key={refund.id} style={{ display: 'grid', gap: 12, borderTop: '1px solid #d5d9de', paddingTop: 12 }}>
          <p style={{ margin: 0 }}>
            <Money minor={refund.totalMinor} currency={refund.currency} /> is to be transferred back: {refund.reason}
          </p>
          {said(whyNot.settle, <RefundForms refund={refund} page={page} />)}
        </div>
      ))}
      <p style={{ margin: 0 }}>
        <Link to={`/admin/resources/orders/records/${order.id}/show`} style={LINK}>
          All fields of the order
        </Link>
      </p>
    </Section>
  )
}

function ReceiptForm({ order: { id, currency, totalMinor, receivedMinor }, page }) {
  const open = BigInt(totalMinor) - BigInt(receivedMinor)
  const plain = open > 0n ? exactAmount(String(open), { kind: 'minor', currency }).replace(` ${currency}`, '') : ''
  return (
    <ActForm
      act="order-receipt"
      hidden={{ orderId: id }}
      initial={{ amountMinor: plain, receivedOn: new Date().toISOString().slice(0, 10) }}
      button={({ amountMinor }) =>
        `Record ${amountMinor?.trim() || 'the receipt'}${amountMinor?.trim() ? ` ${currency}` : ''}`
      }
      onDone={page.done}
    >
      {(form) => (
        <>
          <TextField
            form={form}
            name="bankReference"
            label="Bank reference"
            hint="As the statement names the transfer. One transfer is recorded once."
          />
          <AmountField form={form} name="amountMinor" label="Amount that arrived" currency={currency} />
          <DayField form={form} name="receivedOn" label="Day on the statement" />
          <LongTextField
            form={form}
            name="evidence"
            label="Evidence (may be left out)"
            hint="Such as the statement’s number and page."
          />
        </>
      )}
    </ActForm>
  )
}
