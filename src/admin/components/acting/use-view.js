import { useCallback, useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { readView } from './ask.js'

const PREVIEW_DELAY_MS = 250

/** What stands in the page's address. */
export function useAsked() {
  return Object.fromEntries(new URLSearchParams(useLocation().search))
}

/**
 * What a page shows, and what was just done there. `done` is told what a form's act has answered: the page is read anew, or
 * goes on to the page of what was made.
 */
export function useView(name, asked = {}) {
  const { state: passed } = useLocation()
  const navigate = useNavigate()
  const [view, setView] = useState(null)
  const [problem, setProblem] = useState(null)
  const [notice, setNotice] = useState(passed?.notice ?? null)
  const wanted = JSON.stringify(asked)
  const read = useCallback(
    async (signal) => {
      try {
        setView(await readView(name, JSON.parse(wanted), signal))
        setProblem(null)
      } catch (error) {
        if (error.name !== 'AbortError') setProblem(error)
      }
    },
    [name, wanted],
  )
  useEffect(() => {
    const reading = new AbortController()
    setView(null)
    read(reading.signal)
    return () => reading.abort()
  }, [read])
  const done = (answer) => {
    if (answer.to) return navigate(answer.to, { state: { notice: answer.message } })
    setNotice(answer.message)
    return read()
  }
  return { view, problem, notice, done, again: () => read() }
}

/** What a form would do, read anew shortly after somebody stops typing; null = nothing is known yet. */
export function usePreview(name, asked, isWanted = true) {
  const [preview, setPreview] = useState(null)
  const wanted = JSON.stringify(asked)
  useEffect(() => {
    if (!isWanted) return setPreview(null)
    const reading = new AbortController()
    const timer = setTimeout(() => {
      readView(name, JSON.parse(wanted), reading.signal).then(setPreview, (error) => {
        if (error.name !== 'AbortError') setPreview({ problem: error.message })
      })
    }, PREVIEW_DELAY_MS)
    return () => {
      clearTimeout(timer)
      reading.abort()
    }
  }, [name, wanted, isWanted])
  return isWanted ? preview : null
}
