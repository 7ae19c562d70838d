import React from 'react'

/** Whose prices, of which day, and which rows. All of it stands in the page's address. */
export function MarginFilters({ view, asked, onChange }) {
  const audience =
    ['account', 'plan', 'seller'].map((name) => asked[name] && `${name}=${asked[name]}`).find(Boolean) ?? ''
  const isListed = view.audiences.some(({ value }) => value === audience)
  const providers = [...new Set(view.rows.map(({ provider }) => provider))].sort()
  const choose = (value) => {
    const [name, id] = value.split('=')
    onChange({ account: '', plan: '', seller: '', ...(name && { [name]: id }) })
  }
  return (
    <div className="fb-fields" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(170px, 1fr))' }}>
      <label>
        Prices for
        <select value={audience} onChange={(event) => choose(event.target.value)}>
          {isListed ? null : <option value={audience}>{view.audience}</option>}
          {view.audiences.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        As of (UTC)
        <input type="date" value={asked.asOf ?? ''} onChange={(event) => onChange({ asOf: event.target.value })} />
      </label>
      <label>
        Search
        <input
          type="search"
          placeholder="Model, provider, upstream model"
          value={asked.q ?? ''}
          onChange={(event) => onChange({ q: event.target.value }, { replace: true })}
        />
      </label>
      <label>
        Provider
        <select value={asked.provider ?? ''} onChange={(event) => onChange({ provider: event.target.value })}>
          <option value="">All</option>
          {providers.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Show
        <select value={asked.show ?? ''} onChange={(event) => onChange({ show: event.target.value })}>
          <option value="">All routes</option>
          <option value="warned">With a warning</option>
          <option value="upcoming">With a change ahead</option>
          <option value="served">Served now</option>
        </select>
      </label>
    </div>
  )
}

/** The rows that the filters leave. */
export function filteredRows(rows, { q = '', provider, show }, warningsOf) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    const text = `${row.model} ${row.provider} ${row.upstreamModel}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) return false
    if (provider && row.provider !== provider) return false
    if (show === 'warned') return warningsOf(row).length > 0
    if (show === 'upcoming') return row.upcoming.length > 0
    return show === 'served' ? row.isServed : true
  })
}
