import { Box, Icon } from '@adminjs/design-system'
import React from 'react'
import { useSelector } from 'react-redux'
import LoggedIn from './logged-in.jsx'

/** The bar over every page. In the sandbox it says so. */
export default function TopBar({ toggleSidebar }) {
  const session = useSelector((state) => state.session)
  return (
    <>
      {session?.isSandbox ? (
        <Box
          role="note"
          px="lg"
          py="sm"
          style={{ background: '#5b3a00', color: '#fff', fontSize: 14, lineHeight: '20px' }}
        >
          Sandbox: providers and payments are simulated, and no money moves.
        </Box>
      ) : null}
      <Box
        data-css="topbar"
        bg="container"
        borderBottom="default"
        style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', minHeight: 56, flexShrink: 0 }}
      >
        <Box px="lg" display={['block', 'block', 'block', 'block', 'none']}>
          <button
            type="button"
            onClick={toggleSidebar}
            aria-label="Menu"
            style={{ border: 0, background: 'none', cursor: 'pointer' }}
          >
            <Icon icon="Menu" size={24} />
          </button>
        </Box>
        <span />
        {session ? <LoggedIn session={session} /> : null}
      </Box>
    </>
  )
}
