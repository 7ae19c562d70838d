import { Box, H2, H4 } from '@adminjs/design-system'
import { useTranslation } from 'adminjs'
import React from 'react'
import { useSelector } from 'react-redux'
import { Link } from 'react-router-dom'

/** The first page: every list that is there for this person, in the groups of the menu. */
export default function Dashboard() {
  const resources = useSelector((state) => state.resources).filter(({ href }) => href)
  const session = useSelector((state) => state.session)
  const { translateLabel } = useTranslation()
  const groups = [...new Set(resources.map(({ navigation }) => navigation?.name))]
  return (
    <Box variant="container" p="xl">
      <H2 mb="xl">Welcome, {decodeURIComponent(session?.name ?? '')}</H2>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))', gap: 24 }}>
        {groups.map((group) => (
          <Box key={group} variant="white" p="lg">
            <H4 mb="default">{group}</H4>
            <ul style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 8 }}>
              {resources
                .filter(({ navigation }) => navigation?.name === group)
                .map(({ id, name, href }) => (
                  <li key={id}>
                    <Link to={href} style={{ color: '#2a4bd7' }}>
                      {translateLabel(name, id)}
                    </Link>
                  </li>
                ))}
            </ul>
          </Box>
        ))}
      </div>
    </Box>
  )
}
