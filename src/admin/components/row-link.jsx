import { ViewHelpers } from 'adminjs'
import React from 'react'
import { Link } from 'react-router-dom'
import { NONE, ShownValue } from './shown-value.jsx'

const paths = new ViewHelpers()

/** Another row by its name, never by its bare id; nothing where that row is not for this reader. */
export default function RowLink({ property, record, where }) {
  const populated = record.populated[property.path]
  const resourceId = property.reference
  return (
    <ShownValue where={where} property={property} record={record}>
      {populated && resourceId ? (
        <Link
          to={paths.recordActionUrl({ resourceId, recordId: populated.id, actionName: 'show' })}
          style={{ color: '#2a4bd7', overflowWrap: 'anywhere', display: 'inline-block', minWidth: 100, maxWidth: 300 }}
        >
          {populated.title}
        </Link>
      ) : (
        NONE
      )}
    </ShownValue>
  )
}
