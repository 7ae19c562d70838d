import { Button, Input } from '@adminjs/design-system'
import React, { useEffect, useState } from 'react'
import { Link, useLocation } from 'react-router-dom'
import { listQuery } from './list-query.js'

async function kept(address) {
  const response = await fetch(address, { headers: { accept: 'application/json' } })
  return response.ok ? (await response.json()).filters : []
}

const headers = { 'content-type': 'application/json', 'x-farebox-admin': '1' }

/** The filters that somebody keeps for a list: to come back to, to add the present one, to drop. */
export function SavedFilters({ resourceId }) {
  const { search } = useLocation()
  const [filters, setFilters] = useState([])
  const [name, setName] = useState('')
  const [problem, setProblem] = useState('')
  const address = `/admin/data/filters/${resourceId}`
  const query = listQuery(search)

  useEffect(() => {
    setFilters([])
    kept(address).then(setFilters)
  }, [address])

  const save = async (event) => {
    event.preventDefault()
    const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ name, query }) })
    setProblem(response.ok ? '' : (await response.json()).message)
    if (!response.ok) return
    setName('')
    setFilters(await kept(address))
  }
  const remove = async (id) => {
    await fetch(`${address}/${id}`, { method: 'DELETE', headers })
    setFilters(await kept(address))
  }
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 12, alignItems: 'center' }}>
      {filters.map((filter) => (
        <span key={filter.id} style={CHIP}>
          <Link to={`/admin/resources/${resourceId}?${filter.query}`} style={{ color: '#2a4bd7' }}>
            {filter.name}
          </Link>
          <button
            type="button"
            aria-label={`Remove the filter ${filter.name}`}
            onClick={() => remove(filter.id)}
            style={CROSS}
          >
            ×
          </button>
        </span>
      ))}
      {query === '' ? null : (
        <form onSubmit={save} style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
          <Input
            aria-label="Name of the filter"
            placeholder="Keep this filter as…"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={60}
            required
          />
          <Button type="submit" variant="outlined" size="sm">
            Keep
          </Button>
          <span role="alert">{problem}</span>
        </form>
      )}
    </div>
  )
}

const CHIP = {
  display: 'inline-flex',
  gap: 6,
  alignItems: 'center',
  border: '1px solid #c6cbd2',
  borderRadius: 999,
  padding: '3px 12px',
}
const CROSS = { border: 0, background: 'none', cursor: 'pointer', fontSize: 16, lineHeight: 1, color: 'inherit' }
