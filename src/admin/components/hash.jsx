import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'

const SHOWN = 8

/** A hash or an id: its end in a list, all of it on hover and on a row's page. The end, because ids of one hour begin alike. */
export default function Hash({ property, record, where }) {
  const value = record.params[property.path]
  const text = value === null || value === undefined ? null : String(value)
  return (
    <ShownValue where={where} property={property} record={record}>
      {text === null ? (
        NONE
      ) : (
        <code title={text} style={{ overflowWrap: 'anywhere', fontFamily: 'ui-monospace, monospace' }}>
          {where === 'list' && text.length > SHOWN + 1 ? `…${text.slice(-SHOWN)}` : text}
        </code>
      )}
    </ShownValue>
  )
}
