import React from 'react'
import { LINK, Money, Section, State, Table, Time, wordOf } from './page-parts.jsx'

/** Everything that happened to an order, and what came of it. */
export function OrderTrail({ view }) {
  const { order, transitions, receipts, refunds, disputes, lots, entries, documents, people } = view
  const by = (id) => (id ? (people[id] ?? 'somebody') : 'the program')
  return (
    <>
      <Section title="What happened">
        <Table
          caption="Moves from state to state"
          rows={transitions}
          keyOf={({ createdAt, toState }) => `${createdAt} ${toState}`}
          columns={[
            { title: 'When', of: ({ createdAt }) => <Time at={createdAt} /> },
            { title: 'Became', of: ({ toState }) => <State of={toState} /> },
            { title: 'Why', of: ({ cause }) => cause },
            { title: 'By', of: ({ actorId }) => by(actorId) },
          ]}
        />
      </Section>
      {order.kind === 'MANUAL' ? (
        <Section title="Money that arrived">
          <Table
            caption="Bank receipts"
            empty="Nothing has arrived yet."
            rows={receipts}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Day', of: ({ receivedOn }) => receivedOn },
              { title: 'Bank reference', of: ({ bankReference }) => bankReference },
              {
                title: 'Amount',
                isAmount: true,
                of: ({ amountMinor, currency }) => <Money minor={amountMinor} currency={currency} />,
              },
              { title: 'Evidence', of: ({ evidence }) => evidence },
              { title: 'Recorded by', of: ({ recordedById }) => by(recordedById) },
            ]}
          />
        </Section>
      ) : null}
      <Section title="Invoices and credit notes">
        <Table
          caption="Invoices and credit notes"
          empty="The invoice is issued when the order is paid."
          rows={documents}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Number', of: ({ number }) => number },
            { title: 'Kind', of: ({ kind }) => wordOf(kind) },
            { title: 'Issued', of: ({ issueDate }) => issueDate },
            {
              title: 'Total',
              isAmount: true,
              of: ({ totalMinor, currency }) => <Money minor={totalMinor} currency={currency} />,
            },
            {
              title: 'Download',
              of: ({ id, number }) => (
                <a href={`/admin/data/documents/${id}/pdf`} style={LINK} aria-label={`${number} as PDF`} download>
                  PDF
                </a>
              ),
            },
          ]}
        />
      </Section>
      <Section title="Credits">
        <Table
          caption="Credits from this order"
          empty="The credits are given when the order is paid."
          rows={lots}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Credit',
              of: ({ sourceKind, promotional }) => `${wordOf(sourceKind)}${promotional ? ', bonus' : ''}`,
            },
            {
              title: 'Given',
              isAmount: true,
              of: ({ grantedNano }) => <Money nano={grantedNano} currency={order.currency} />,
            },
            {
              title: 'Left',
              isAmount: true,
              of: ({ remainingNano }) => <Money nano={remainingNano} currency={order.currency} />,
            },
            {
              title: 'Frozen',
              isAmount: true,
              of: ({ frozenNano }) => <Money nano={frozenNano} currency={order.currency} />,
            },
            { title: 'Expires', of: ({ expiresAt }) => <Time at={expiresAt} /> },
          ]}
        />
        {entries.length === 0 ? null : (
          <Table
            caption="Ledger entries"
            rows={entries}
            keyOf={({ seq }) => seq}
            columns={[
              { title: 'Entry', of: ({ seq }) => `#${seq}` },
              { title: 'When', of: ({ createdAt }) => <Time at={createdAt} /> },
              { title: 'Kind', of: ({ kind }) => wordOf(kind) },
              {
                title: 'Amount',
                isAmount: true,
                of: ({ amountNano }) => <Money nano={amountNano} currency={order.currency} />,
              },
              {
                title: 'Balance after',
                isAmount: true,
                of: ({ balanceAfterNano }) => <Money nano={balanceAfterNano} currency={order.currency} />,
              },
            ]}
          />
        )}
      </Section>
      {refunds.length > 0 ? (
        <Section title="Refunds">
          <Table
            caption="Refunds"
            rows={refunds}
            keyOf={({ id }) => id}
            columns={[
              { title: 'When', of: ({ createdAt }) => <Time at={createdAt} /> },
              {
                title: 'State',
                of: ({ state, failureCode }) => (failureCode === 'canceled' ? 'Given up' : <State of={state} />),
              },
              {
                title: 'Amount',
                isAmount: true,
                of: ({ totalMinor, currency }) => <Money minor={totalMinor} currency={currency} />,
              },
              {
                title: 'Credits',
                isAmount: true,
                of: ({ creditNano, currency }) => <Money nano={creditNano} currency={currency} />,
              },
              { title: 'Why', of: ({ reason }) => reason },
              { title: 'By', of: ({ actorId }) => by(actorId) },
            ]}
          />
        </Section>
      ) : null}
      {disputes.length > 0 ? (
        <Section title="Disputes">
          <Table
            caption="Disputes"
            rows={disputes}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Opened', of: ({ openedAt }) => <Time at={openedAt} /> },
              { title: 'State', of: ({ state }) => <State of={state} /> },
              {
                title: 'Contested',
                isAmount: true,
                of: ({ amountMinor, currency }) => <Money minor={amountMinor} currency={currency} />,
              },
              {
                title: 'Frozen',
                isAmount: true,
                of: ({ frozenNano, currency }) => <Money nano={frozenNano} currency={currency} />,
              },
              {
                title: 'Taken back',
                isAmount: true,
                of: ({ clawedBackNano, currency }) => <Money nano={clawedBackNano} currency={currency} />,
              },
              { title: 'Reason', of: ({ reason }) => reason },
            ]}
          />
        </Section>
      ) : null}
    </>
  )
}
