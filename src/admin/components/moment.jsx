import React from 'react'
import { useSelector } from 'react-redux'
import { NONE, ShownValue } from './shown-value.jsx'

/** A time in the person's own zone, in UTC on hover. */
export default function Moment({ property, record, where }) {
  const session = useSelector((state) => state.session)
  const value = record.params[property.path]
  const time = value ? new Date(value) : null
  return (
    <ShownValue where={where} property={property} record={record}>
      {time === null ? (
        NONE
      ) : (
        <time
          dateTime={time.toISOString()}
          title={`${time.toISOString().replace('T', ' ').replace('Z', '')} UTC`}
          style={{ whiteSpace: 'nowrap' }}
        >
          {format(time, session?.timeZone ? decodeURIComponent(session.timeZone) : undefined)}
        </time>
      )}
    </ShownValue>
  )
}

function format(time, timeZone) {
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone }
  try {
    return new Intl.DateTimeFormat('en-GB', options).format(time)
  } catch {
    // A zone that this browser does not know.
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(time)
  }
}
