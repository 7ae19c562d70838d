import React from 'react'
import { RangeFilter } from './range-filter.jsx'

/** Amounts are typed as people write them: 10.50. */
export default function AmountFilter(props) {
  return (
    <RangeFilter {...props} words={['at least', 'at most']} input={{ inputMode: 'decimal', placeholder: '10.50' }} />
  )
}
