import React from 'react'
import { useSelector } from 'react-redux'
import { Link } from 'react-router-dom'
import { ActForm } from './act-form.jsx'
import { ActingPage, LINK, Section, State, Table, Time } from './page-parts.jsx'
import { useView } from './use-view.js'

/** What the payment provider has told, and what became of it. What failed can be applied once more. */
export default function WebhooksPage() {
  const page = useView('webhooks')
  const { role } = useSelector((state) => state.session)
  return (
    <ActingPage title="Webhook inbox" page={page}>
      {({ events }) => (
        <Section>
          <p style={{ margin: 0 }}>Those that failed come first.</p>
          <Table
            caption="Webhooks"
            empty="The payment provider has told nothing yet."
            rows={events}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Received', of: ({ receivedAt }) => <Time at={receivedAt} /> },
              {
                title: 'Event',
                of: ({ id, type }) => (
                  <Link to={`/admin/resources/webhooks/records/${encodeURIComponent(id)}/show`} style={LINK}>
                    {type}
                  </Link>
                ),
              },
              { title: 'State', of: ({ state }) => <State of={state} /> },
              { title: 'Why', of: ({ reason }) => reason },
              { title: 'Tried', isAmount: true, of: ({ attempts }) => attempts },
              {
                title: 'Order',
                of: ({ orderId }) =>
                  orderId ? (
                    <Link to={`/admin/pages/order?id=${orderId}`} style={LINK}>
                      Order
                    </Link>
                  ) : null,
              },
              {
                title: 'Once more',
                of: ({ id, type, state }) =>
                  state === 'FAILED' && role === 'ADMIN' ? (
                    <ActForm
                      act="webhook-replay"
                      hidden={{ eventId: id }}
                      button={`Apply ${type} once more`}
                      onDone={page.done}
                      onRefused={page.again}
                    />
                  ) : null,
              },
            ]}
          />
        </Section>
      )}
    </ActingPage>
  )
}
