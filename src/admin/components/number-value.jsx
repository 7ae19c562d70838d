import React from 'react'
import { NONE, ShownValue, TABULAR } from './shown-value.jsx'

/** A whole number, however long: grouped as digits, never as a float. */
export default function NumberValue({ property, record, where }) {
  const value = record.params[property.path]
  const isEmpty = value === null || value === undefined || value === ''
  return (
    <ShownValue where={where} property={property} record={record} align="right">
      {isEmpty ? NONE : <span style={TABULAR}>{grouped(property.name, String(value))}</span>}
    </ShownValue>
  )
}

/** A year is a name, not a quantity. */
const grouped = (name, digits) => (name === 'year' ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ','))
