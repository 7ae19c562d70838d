import { Box, H3 } from '@adminjs/design-system'
import { BasePropertyComponent } from 'adminjs'
import React from 'react'
import { PageOfRow } from './acting/page-of-row.jsx'

/** Wide values have a line of their own. */
const WIDE = new Set(['json', 'rates', 'hash', 'list'])

/** The page of a row: its name, what belongs to it, then its values side by side. */
export default function DefaultShowAction({ resource, record }) {
  const isList = ({ name }) => name === 'related' || name === 'files'
  const shown = (property) => (
    <BasePropertyComponent
      key={property.propertyPath}
      where="show"
      property={property}
      resource={resource}
      record={record}
    />
  )
  return (
    <Box variant="white" p="xl">
      <H3 mb="xl" style={{ overflowWrap: 'anywhere' }}>
        {record.title}
      </H3>
      <PageOfRow resource={resource} record={record} />
      {resource.showProperties.filter(isList).map(shown)}
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', columnGap: 32 }}>
        {resource.showProperties
          .filter((property) => !isList(property))
          .map((property) => (
            <div key={property.propertyPath} style={WIDE.has(property.custom?.kind) ? { gridColumn: '1 / -1' } : {}}>
              {shown(property)}
            </div>
          ))}
      </div>
    </Box>
  )
}
