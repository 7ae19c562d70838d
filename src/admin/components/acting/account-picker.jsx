import { ApiClient } from 'adminjs'
import React, { useEffect, useState } from 'react'

const DELAY_MS = 250
const SHOWN_MAX = 8
const client = new ApiClient()

/** Finds an account by its name, among those that the reader may see. */
export function AccountPicker({ onPick }) {
  const [query, setQuery] = useState('')
  const [found, setFound] = useState(null)
  useEffect(() => {
    let isLate = false
    const timer = setTimeout(async () => {
      const records = await client.searchRecords({ resourceId: 'accounts', query }).catch(() => [])
      if (!isLate) setFound(records.slice(0, SHOWN_MAX))
    }, DELAY_MS)
    return () => {
      isLate = true
      clearTimeout(timer)
    }
  }, [query])
  return (
    <div style={{ display: 'grid', gap: 8, maxWidth: 640, alignContent: 'start' }}>
      <label htmlFor="account-picker" style={{ fontWeight: 600 }}>
        Account
      </label>
      <input
        id="account-picker"
        type="search"
        autoComplete="off"
        placeholder="A part of its name"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        style={{ font: 'inherit', padding: '8px 12px', border: '1px solid #8b949e', borderRadius: 4 }}
      />
      <ul
        aria-label="Accounts found"
        style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 4, alignContent: 'start' }}
      >
        {(found ?? []).map((record) => (
          <li key={record.id}>
            <button type="button" onClick={() => onPick(record.id)} style={CHOICE}>
              {record.title}
            </button>
          </li>
        ))}
      </ul>
      <span role="status">{found?.length === 0 ? 'No account is called so.' : ''}</span>
    </div>
  )
}

const CHOICE = {
  ...{ font: 'inherit', width: '100%', textAlign: 'left', padding: '8px 12px', cursor: 'pointer', color: '#2a4bd7' },
  ...{ background: '#fff', border: '1px solid #d5d9de', borderRadius: 4, overflowWrap: 'anywhere' },
}
