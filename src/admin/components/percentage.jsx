import React from 'react'
import { NONE, ShownValue, TABULAR } from './shown-value.jsx'

/** Basis points as a percentage: 1250 is "12.5 %". */
export default function Percentage({ property, record, where }) {
  const value = record.params[property.path]
  const isEmpty = value === null || value === undefined || value === ''
  return (
    <ShownValue where={where} property={property} record={record} align="right">
      {isEmpty ? NONE : <span style={TABULAR}>{percentText(String(value))}</span>}
    </ShownValue>
  )
}

function percentText(bps) {
  const isNegative = bps.startsWith('-')
  const digits = (isNegative ? bps.slice(1) : bps).padStart(3, '0')
  const fraction = digits.slice(-2).replace(/0+$/, '')
  return `${isNegative ? '-' : ''}${digits.slice(0, -2)}${fraction === '' ? '' : `.${fraction}`} %`
}
