import React from 'react'
import { Link } from 'react-router-dom'

export default function SidebarBranding() {
  return (
    <Link
      to="/admin"
      style={{ display: 'block', padding: '20px 32px', textDecoration: 'none', color: 'inherit' }}
      data-css="sidebar-logo"
    >
      <strong style={{ fontSize: 22 }}>Farebox</strong>
      <span style={{ display: 'block', fontSize: 13, opacity: 0.75, marginTop: 4 }}>Back office</span>
    </Link>
  )
}
