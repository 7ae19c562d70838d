import React from 'react'
import { RangeFilter } from './range-filter.jsx'

/** In the browser's own zone, as its clock shows it; the address holds the instant. */
export default function MomentFilter(props) {
  return (
    <RangeFilter
      {...props}
      words={['from', 'before']}
      input={{ type: 'datetime-local' }}
      read={localText}
      write={instant}
    />
  )
}

const instant = (text) => (text === '' ? '' : new Date(text).toISOString())

function localText(iso) {
  const time = new Date(iso)
  if (iso === '' || Number.isNaN(time.getTime())) return ''
  const two = (number) => String(number).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}`
}
