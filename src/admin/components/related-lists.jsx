import { Box, Label } from '@adminjs/design-system'
import React from 'react'
import { useSelector } from 'react-redux'
import { Link } from 'react-router-dom'

/** Lists of what belongs to a row, each already filtered by it. */
export default function RelatedLists({ property, record }) {
  const resources = useSelector((state) => state.resources)
  const related = property.custom.related.filter(({ to }) => resources.some(({ id, href }) => id === to && href))
  if (related.length === 0) return null
  return (
    <Box as="nav" aria-label="Belongs to it" mb="xl">
      <Label>Belongs to it</Label>
      <ul style={{ display: 'flex', flexWrap: 'wrap', gap: 8, margin: '8px 0 0', padding: 0, listStyle: 'none' }}>
        {related.map(({ label, to, filter }) => (
          <li key={`${to} ${filter}`}>
            <Link
              to={`/admin/resources/${to}?filters.${filter}=${encodeURIComponent(record.id)}`}
              style={{
                display: 'block',
                padding: '6px 12px',
                border: '1px solid #c6cbd2',
                borderRadius: 6,
                color: '#2a4bd7',
                textDecoration: 'none',
              }}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </Box>
  )
}
