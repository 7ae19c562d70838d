import React from 'react'
import { RangeFilter } from './range-filter.jsx'

export default function PercentageFilter(props) {
  return (
    <RangeFilter {...props} words={['at least', 'at most']} input={{ inputMode: 'decimal', placeholder: '12.5' }} />
  )
}
