import React, { useEffect, useState } from 'react'

const RANGES = [
  ['today', 'Today'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['month', 'This month'],
  ['last-month', 'Last month'],
  ['custom', 'Custom'],
]

/** The longest that is added up at once. */
const DAYS_MAX = 366

/** Which period: the choice stands in the page's address, so that Back works and a link says all. */
export function PeriodPicker({ range, from, to, onChange }) {
  const [isCustom, setIsCustom] = useState(range === 'custom')
  const [days, setDays] = useState({ from: from ?? '', to: to ?? '' })
  useEffect(() => {
    setIsCustom(range === 'custom')
    setDays({ from: from ?? '', to: to ?? '' })
  }, [range, from, to])
  const apply = (event) => {
    event.preventDefault()
    onChange({ range: 'custom', ...days })
  }
  return (
    <div style={{ display: 'grid', gap: 10, justifyItems: 'start' }}>
      <fieldset className="fb-choices" style={{ margin: 0, padding: 0 }}>
        <legend className="fb-hidden">Period</legend>
        {RANGES.map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={value === 'custom' ? isCustom : !isCustom && value === range}
            onClick={() => (value === 'custom' ? setIsCustom(true) : onChange({ range: value }))}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {isCustom ? (
        <form className="fb-row" onSubmit={apply}>
          <label>
            First day
            <input
              type="date"
              required
              max={days.to || undefined}
              value={days.from}
              onChange={(event) => setDays({ ...days, from: event.target.value })}
            />
          </label>
          <label>
            Last day
            <input
              type="date"
              required
              min={days.from || undefined}
              value={days.to}
              onChange={(event) => setDays({ ...days, to: event.target.value })}
            />
          </label>
          <button type="submit" className="fb-button" style={{ alignSelf: 'end' }}>
            Show
          </button>
          <span className="fb-quiet" style={{ alignSelf: 'end', paddingBottom: 10 }}>
            Days of UTC, at most {DAYS_MAX}.
          </span>
        </form>
      ) : null}
    </div>
  )
}
