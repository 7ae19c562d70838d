import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'

/** Text as it is: whatever looks like markup in it is text. */
export default function PlainText({ property, record, where }) {
  const value = record.params[property.path]
  return (
    <ShownValue where={where} property={property} record={record}>
      {value === null || value === undefined || value === '' ? (
        NONE
      ) : (
        <span style={where === 'list' && property.custom.kind === 'exact' ? { whiteSpace: 'nowrap' } : TEXT[where]}>
          {String(value)}
        </span>
      )}
    </ShownValue>
  )
}

/** Wide enough for a word or two beside the other columns. */
const TEXT = {
  list: { textDecoration: 'inherit', overflowWrap: 'anywhere', display: 'inline-block', minWidth: 110, maxWidth: 340 },
  show: { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
}
