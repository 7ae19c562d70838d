import React from 'react'
import { amountText, exactAmount } from './amount-text.js'
import { NONE, ShownValue, TABULAR } from './shown-value.jsx'

/** Money: for people in the cell, exact on hover. */
export default function Amount({ property, record, where }) {
  const value = record.params[property.path]
  const { kind, digits } = property.custom
  const currency = record.params.currency ?? property.custom.currency
  const isEmpty = value === null || value === undefined || value === ''
  return (
    <ShownValue where={where} property={property} record={record} align="right">
      {isEmpty ? (
        NONE
      ) : (
        <span style={TABULAR} title={exactAmount(String(value), { kind, currency })}>
          {amountText(String(value), { kind, digits, currency })}
        </span>
      )}
    </ShownValue>
  )
}
