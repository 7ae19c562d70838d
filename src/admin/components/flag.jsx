import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'

export default function Flag({ property, record, where }) {
  const value = record.params[property.path]
  return (
    <ShownValue where={where} property={property} record={record}>
      {value === null || value === undefined || value === '' ? NONE : String(value) === 'true' ? 'Yes' : 'No'}
    </ShownValue>
  )
}
