import React from 'react'
import { Link } from 'react-router-dom'

/** Rows that have a page for acting. */
const PAGES = { accounts: ['account', 'Open the account’s page'], orders: ['order', 'Open the order’s page'] }

/** The way from a row of a list to where something can be done about it. */
export function PageOfRow({ resource, record }) {
  const page = PAGES[resource.id]
  if (!page) return null
  return (
    <p style={{ margin: '0 0 20px' }}>
      <Link
        to={`/admin/pages/${page[0]}?id=${encodeURIComponent(record.id)}`}
        style={{ color: '#2a4bd7', fontWeight: 600 }}
      >
        {page[1]}
      </Link>
    </p>
  )
}
