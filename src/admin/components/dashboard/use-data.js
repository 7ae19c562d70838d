import { useCallback, useEffect, useState } from 'react'

const headers = { accept: 'application/json', 'x-farebox-admin': '1' }
const FAILED = 'This could not be loaded. Try again in a moment.'

/** Reads an address; what it answers, or why not. */
export async function readData(address, signal) {
  const response = await fetch(address, { headers, signal })
  if (response.status === 401) {
    window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`)
  }
  const body = await response.json().catch(() => ({}))
  if (response.ok) return { data: body, problem: null }
  const [problem] = body.problems ?? []
  const said = body.message ?? (problem && `${problem.field}: ${problem.message}`)
  return { data: null, problem: said ?? (body.reason === 'not_found' ? 'There is no such thing.' : FAILED) }
}

/**
 * What an address answers, read anew when it changes; what was there stays until then. `again` reads it once more.
 * An address of null is not read.
 */
export function useData(address) {
  const [state, setState] = useState({ data: null, problem: null, isLoading: true })
  const read = useCallback(
    (signal) => {
      if (address === null) return
      setState((before) => ({ ...before, isLoading: true }))
      readData(address, signal).then(
        (found) => setState({ ...found, isLoading: false }),
        (error) => {
          if (error.name !== 'AbortError') setState({ data: null, problem: FAILED, isLoading: false })
        },
      )
    },
    [address],
  )
  useEffect(() => {
    const reading = new AbortController()
    read(reading.signal)
    return () => reading.abort()
  }, [read])
  return { ...state, again: () => read() }
}
