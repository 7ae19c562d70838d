import React, { useRef, useState } from 'react'
import { dayText, timeText } from '../dashboard/written.js'
import { Field } from './fields.jsx'
import { newKey, send } from './send.js'
import { refusalText } from './words.js'

const REASON_MIN = 10

/** Saves what the preview shows. The button says what happens, and from when. */
export function SaveChange({ change, proposal, what, isDated, onSaved, onAgain }) {
  const [reason, setReason] = useState('')
  const [isMeant, setIsMeant] = useState(false)
  const [state, setState] = useState({ isSending: false, problem: null })
  const key = useRef({ of: null, value: null })
  const isRefused = proposal.breaches.length > 0
  const isReady = !isRefused || (isMeant && reason.trim().length >= REASON_MIN)
  const save = async (event) => {
    event.preventDefault()
    setState({ isSending: true, problem: null })
    // The same form sent twice is saved once; another one has another name.
    const said = JSON.stringify(change)
    if (key.current.of !== said) key.current = { of: said, value: newKey() }
    const body = { change, basedOn: proposal.basedOn, idempotencyKey: key.current.value, ...(isRefused && { reason }) }
    try {
      const saved = await send('/admin/data/margins/changes', body)
      if (saved.ok) return onSaved(saved)
      setState({ isSending: false, problem: refusalText(saved) })
      if (['changed_meanwhile', 'under_margin_floor'].includes(saved.reason)) onAgain()
    } catch {
      setState({ isSending: false, problem: 'The answer did not arrive. Send it again: it is saved once.' })
    }
  }
  const when = isDated
    ? `from ${dayText(proposal.effectiveFrom)} ${timeText(proposal.effectiveFrom).slice(11)} UTC`
    : 'from now on'
  return (
    <form onSubmit={save} style={{ display: 'grid', gap: 12, minWidth: 0 }} aria-label="Save">
      {isRefused ? (
        <>
          <label className="fb-check">
            <input
              type="checkbox"
              style={{ width: 'auto' }}
              checked={isMeant}
              onChange={(event) => setIsMeant(event.target.checked)}
            />
            What stands above to be acknowledged is meant
          </label>
          <Field
            label="Why"
            hint={`At least ${REASON_MIN} characters. It is kept with the change and in the audit log.`}
          >
            <textarea rows={2} maxLength={1_000} value={reason} onChange={(event) => setReason(event.target.value)} />
          </Field>
        </>
      ) : null}
      {state.problem ? (
        <p className="fb-note fb-bad" role="alert" style={{ margin: 0 }}>
          {state.problem}
        </p>
      ) : null}
      <div>
        <button
          type="submit"
          className="fb-button fb-main"
          style={{ overflowWrap: 'anywhere', textAlign: 'left' }}
          disabled={!isReady || state.isSending}
        >
          {what} {when}
        </button>
      </div>
    </form>
  )
}
