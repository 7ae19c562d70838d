import React from 'react'
import { RangeFilter } from './range-filter.jsx'

export default function NumberFilter(props) {
  return <RangeFilter {...props} words={['at least', 'at most']} input={{ inputMode: 'numeric' }} />
}
