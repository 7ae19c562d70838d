import React, { useEffect, useRef, useState } from 'react'
import { countText } from '../dashboard/written.js'
import { runSimulation } from './send.js'
import { SimulationResult } from './simulation-result.jsx'
import { refusalText } from './words.js'

/** Prices the requests of the last days anew under a change: started, watched and given up by whoever looks. */
export function Simulation({ change, side }) {
  const [days, setDays] = useState(30)
  const [progress, setProgress] = useState(null)
  const [found, setFound] = useState(null)
  const running = useRef(null)
  const said = JSON.stringify(change)
  useEffect(() => () => running.current?.abort(), [])

  const start = async () => {
    running.current = new AbortController()
    const { signal } = running.current
    setFound(null)
    setProgress({ eventsDone: 0, eventsTotal: 0 })
    try {
      const last = await runSimulation({ changes: [change], days }, { signal, onProgress: setProgress })
      setFound({ ...last, of: said })
    } catch (error) {
      if (error.name !== 'AbortError') setFound({ fault: 'The simulation broke off. Try again.' })
    }
    if (!signal.aborted) setProgress(null)
  }
  const cancel = () => {
    running.current?.abort()
    setProgress(null)
  }
  return (
    <section style={{ display: 'grid', gap: 14, minWidth: 0 }} aria-label="Simulation">
      <h3>Try it on real requests</h3>
      <div className="fb-row">
        <fieldset className="fb-choices" style={{ margin: 0, padding: 0 }} disabled={progress !== null}>
          <legend className="fb-hidden">Requests of</legend>
          {[7, 30, 90].map((each) => (
            <button key={each} type="button" aria-pressed={each === days} onClick={() => setDays(each)}>
              {each} days
            </button>
          ))}
        </fieldset>
        {progress === null ? (
          <button type="button" className="fb-button" onClick={start}>
            Simulate the last {days} days
          </button>
        ) : (
          <button type="button" className="fb-button" onClick={cancel}>
            Cancel
          </button>
        )}
        <span className="fb-quiet">Every request is priced anew, exactly. Nothing is changed by it.</span>
      </div>
      {progress === null ? null : (
        <div role="status">
          <progress
            className="fb-progress"
            aria-label="Requests priced"
            {...(progress.eventsTotal > 0 && { max: progress.eventsTotal, value: progress.eventsDone })}
          />
          <span className="fb-quiet">
            {progress.eventsTotal > 0
              ? `${countText(progress.eventsDone)} of ${countText(progress.eventsTotal)} requests`
              : 'Counting requests…'}
          </span>
        </div>
      )}
      {found?.simulation && found.of !== said ? (
        <p className="fb-note fb-warn" style={{ margin: 0 }} role="status">
          The form has changed since: simulate again.
        </p>
      ) : null}
      {found?.simulation ? <SimulationResult simulation={found.simulation} side={side} /> : null}
      {found?.refusal || found?.fault ? (
        <p className="fb-note fb-bad" style={{ margin: 0 }} role="alert">
          {found.fault ?? refusalText(found.refusal)}
        </p>
      ) : null}
    </section>
  )
}
