import React from 'react'
import { Link } from 'react-router-dom'
import { CustomersTable } from './customers-table.jsx'
import { ActingPage, LINK, Section } from './page-parts.jsx'
import { useView } from './use-view.js'

/** A reseller's own customers. */
export default function CustomersPage() {
  const page = useView('customers')
  return (
    <ActingPage title="Customers" page={page}>
      {(view) => (
        <Section>
          <CustomersTable overview={view} />
          <p style={{ margin: 0, display: 'flex', gap: 20 }}>
            {view.can.open ? (
              <Link to="/admin/pages/open-account" style={LINK}>
                Open a customer
              </Link>
            ) : null}
            <Link to={`/admin/pages/account?id=${view.resellerId}`} style={LINK}>
              Your own account
            </Link>
          </p>
        </Section>
      )}
    </ActingPage>
  )
}
