import React from 'react'
import { Link } from 'react-router-dom'
import { LINK, Money, Section, State, Table, Time, wordOf } from './page-parts.jsx'

/** The credits, orders, entries, adjustments and keys of an account: the latest, with the way to all of them. */
export function AccountBooks({ view }) {
  const { account, lots, orders, entries, adjustments, keys, people, currency } = view
  const all = (resource) => (
    <Link to={`/admin/resources/${resource}?filters.accountId=${account.id}`} style={LINK}>
      All of them
    </Link>
  )
  return (
    <>
      <Section title="Credits, in the order in which they are spent">
        <Table
          caption="Credits with something left"
          empty="No credit is left."
          rows={lots}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Credit',
              of: ({ sourceKind, promotional }) => `${wordOf(sourceKind)}${promotional ? ', promotional' : ''}`,
            },
            {
              title: 'Given',
              isAmount: true,
              of: ({ grantedNano }) => <Money nano={grantedNano} currency={currency} />,
            },
            {
              title: 'Left',
              isAmount: true,
              of: ({ remainingNano }) => <Money nano={remainingNano} currency={currency} />,
            },
            {
              title: 'Frozen',
              isAmount: true,
              of: ({ frozenNano }) => <Money nano={frozenNano} currency={currency} />,
            },
            { title: 'Expires', of: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'Never') },
          ]}
        />
        {all('lots')}
      </Section>
      <Section title="Orders">
        <Table
          caption="The latest orders"
          empty="It has ordered nothing yet."
          rows={orders}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Order',
              of: ({ id, reference }) => (
                <Link to={`/admin/pages/order?id=${id}`} style={LINK}>
                  {reference}
                </Link>
              ),
            },
            { title: 'Opened', of: ({ createdAt }) => <Time at={createdAt} /> },
            { title: 'State', of: ({ state }) => <State of={state} /> },
            {
              title: 'Total',
              isAmount: true,
              of: (order) => <Money minor={order.totalMinor} currency={order.currency} />,
            },
          ]}
        />
        {all('orders')}
      </Section>
      <Section title="Ledger entries">
        <Table
          caption="The latest ledger entries"
          empty="Nothing was booked yet."
          rows={entries}
          keyOf={({ seq }) => seq}
          columns={[
            { title: 'Entry', of: ({ seq }) => `#${seq}` },
            { title: 'When', of: ({ createdAt }) => <Time at={createdAt} /> },
            { title: 'Kind', of: ({ kind }) => wordOf(kind) },
            {
              title: 'Amount',
              isAmount: true,
              of: ({ amountNano }) => <Money nano={amountNano} currency={currency} digits="request" />,
            },
            {
              title: 'Balance after',
              isAmount: true,
              of: ({ balanceAfterNano }) => <Money nano={balanceAfterNano} currency={currency} />,
            },
            { title: 'Why', of: ({ reason }) => reason },
          ]}
        />
        {all('entries')}
      </Section>
      {adjustments.length > 0 ? (
        <Section title="Adjustments">
          <Table
            caption="The latest adjustments"
            rows={adjustments}
            keyOf={({ id }) => id}
            columns={[
              { title: 'When', of: ({ createdAt }) => <Time at={createdAt} /> },
              { title: 'Kind', of: ({ kind }) => wordOf(kind) },
              { title: 'State', of: ({ state }) => <State of={state} /> },
              {
                title: 'Amount',
                isAmount: true,
                of: ({ amountNano }) => <Money nano={amountNano} currency={currency} />,
              },
              { title: 'Why', of: ({ reason }) => reason },
              { title: 'Asked by', of: ({ createdById }) => people[createdById] },
              { title: 'Decided by', of: ({ decidedById }) => people[decidedById] },
              {
                title: 'File',
                of: ({ id, attachmentName }) =>
                  attachmentName ? (
                    <a href={`/admin/data/adjustments/${id}/attachment`} style={LINK} download>
                      {attachmentName}
                    </a>
                  ) : null,
              },
            ]}
          />
          {all('adjustments')}
        </Section>
      ) : null}
      <Section title="Access keys">
        <Table
          caption="Access keys"
          empty="It has no key yet."
          rows={keys}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Name', of: ({ name }) => name },
            { title: 'Key', of: ({ masked }) => <code>{masked}</code> },
            { title: 'Project', of: ({ projectName }) => projectName },
            { title: 'Expires', of: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'Never') },
            { title: 'State', of: ({ disabledAt }) => (disabledAt ? 'Disabled' : 'Active') },
          ]}
        />
      </Section>
    </>
  )
}
