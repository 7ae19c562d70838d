import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'

/** A day of the calendar: the same in every zone. */
export default function Day({ property, record, where }) {
  const value = record.params[property.path]
  return (
    <ShownValue where={where} property={property} record={record}>
      {value ? <time dateTime={String(value).slice(0, 10)}>{String(value).slice(0, 10)}</time> : NONE}
    </ShownValue>
  )
}
