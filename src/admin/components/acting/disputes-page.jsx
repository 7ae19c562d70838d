import React from 'react'
import { Link } from 'react-router-dom'
import { AccountLink, ActingPage, LINK, Money, Section, State, Table, Time } from './page-parts.jsx'
import { useView } from './use-view.js'

/** What payers contest, and what it has done to their credits. They are answered at the payment provider. */
export default function DisputesPage() {
  const page = useView('disputes')
  return (
    <ActingPage title="Disputes" page={page}>
      {({ disputes }) => (
        <Section>
          <p style={{ margin: 0 }}>
            An open dispute freezes the unspent credits of its order; a lost one takes them, a won one gives them back.
            Disputes are answered at the payment provider.
          </p>
          <Table
            caption="Disputes"
            empty="No payment is contested."
            rows={disputes}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Opened', of: ({ openedAt }) => <Time at={openedAt} /> },
              { title: 'State', of: ({ state }) => <State of={state} /> },
              {
                title: 'Account',
                of: ({ accountId, accountName }) => <AccountLink id={accountId} name={accountName} />,
              },
              {
                title: 'Order',
                of: ({ orderId, reference }) => (
                  <Link to={`/admin/pages/order?id=${orderId}`} style={LINK}>
                    {reference}
                  </Link>
                ),
              },
              {
                title: 'Contested',
                isAmount: true,
                of: ({ amountMinor, currency }) => <Money minor={amountMinor} currency={currency} />,
              },
              {
                title: 'Frozen',
                isAmount: true,
                of: (one) => (
                  <Money nano={String(BigInt(one.frozenNano) + BigInt(one.frozenBonusNano))} currency={one.currency} />
                ),
              },
              {
                title: 'Taken back',
                isAmount: true,
                of: ({ clawedBackNano, currency }) => <Money nano={clawedBackNano} currency={currency} />,
              },
              { title: 'Reason', of: ({ reason }) => reason },
              { title: 'At the provider', of: ({ providerDisputeId }) => <code>{providerDisputeId}</code> },
            ]}
          />
        </Section>
      )}
    </ActingPage>
  )
}
