import { Box } from '@adminjs/design-system'
import React from 'react'

/** Who is signed in, with the ways out. */
export default function LoggedIn({ session }) {
  const name = decodeURIComponent(session.name ?? '')
  const role = `${session.role.charAt(0)}${session.role.slice(1).toLowerCase()}`
  return (
    <Box
      flexShrink={0}
      px="lg"
      style={{ display: 'flex', gap: 20, alignItems: 'center', fontSize: 14 }}
      data-css="logged-in"
    >
      <span title={decodeURIComponent(session.email)}>
        <strong>{name}</strong> · {session.side === 'RESELLER' ? `Reseller, ${role}` : role}
      </span>
      <a href="/" style={LINK}>
        Portal
      </a>
      <a href="/sign-out" style={LINK}>
        Sign out
      </a>
    </Box>
  )
}

const LINK = { color: '#2a4bd7' }
