import React from 'react'
import { RangeFilter } from './range-filter.jsx'

export default function DayFilter(props) {
  return <RangeFilter {...props} words={['from', 'to']} input={{ type: 'date' }} />
}
