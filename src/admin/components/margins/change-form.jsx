import React, { useCallback, useEffect, useState } from 'react'
import { builtChange, firstForm, scopesOf, TERMS, withSign } from './built-change.js'
import { CardFields, Field } from './fields.jsx'
import { PricePreview } from './price-preview.jsx'
import { RuleFields } from './rule-fields.jsx'
import { SaveChange } from './save-change.jsx'
import { send } from './send.js'
import { Simulation } from './simulation.jsx'
import { plainTerms, refusalText } from './words.js'

const PREVIEW_DELAY_MS = 300

/** A new version of a price: written, looked at, tried on real requests, saved. */
export function ChangeForm({ detail, view, asked, onSaved, onClose }) {
  const { row } = detail
  const [form, setForm] = useState(() => firstForm(detail, view.side, asked))
  const [saved, setSaved] = useState(null)
  const [isTouched, setIsTouched] = useState(false)
  const change = builtChange(form, detail)
  const { proposal, refusal, again } = useProposal(change, isTouched && saved === null)
  const edit = (changed) => {
    setIsTouched(true)
    setForm((before) => ({ ...before, ...changed }))
  }
  if (saved) return <Saved saved={saved} onClose={onClose} />
  const problems = refusal?.problems ?? []
  const problemOf = (field) => problems.find((each) => each.field === field)?.message
  const isOperator = view.side === 'OPERATOR'
  const kinds = [
    view.mayChangePrices && ['PRICE_RULE', 'Price rule'],
    view.mayChangeCosts && ['COST_PROFILE', 'Cost'],
    isOperator && view.mayChangePrices && ['LIST_PRICE', 'List price'],
    view.mayChangePrices && detail.current.rule && ['RETIRE_RULE', 'End the rule'],
  ].filter(Boolean)
  const isRetirement = form.kind === 'RETIRE_RULE'
  const named = ['rates', 'terms', 'scope', 'effectiveFrom', 'source']
  const others = problems.filter(({ field }) => !named.some((name) => field.startsWith(name)))
  return (
    <section className="fb-box" aria-label="Change a price">
      <div className="fb-row fb-between">
        <h2>Change a price</h2>
        <button type="button" className="fb-button" onClick={onClose}>
          Close
        </button>
      </div>
      <fieldset className="fb-choices" style={{ margin: 0, padding: 0, justifySelf: 'start' }}>
        <legend className="fb-hidden">What changes</legend>
        {kinds.map(([kind, word]) => (
          <button key={kind} type="button" aria-pressed={kind === form.kind} onClick={() => edit({ kind })}>
            {word}
          </button>
        ))}
      </fieldset>
      {form.kind === 'PRICE_RULE' ? (
        <RuleFields {...{ form, problemOf, row, asked }} side={view.side} onChange={edit} />
      ) : null}
      {form.kind === 'COST_PROFILE' ? (
        <>
          <p className="fb-quiet" style={{ margin: 0 }}>
            What {row.provider} charges for {row.upstreamModel}, USD per million tokens.
          </p>
          <CardFields card={form.cost} onChange={(cost) => edit({ cost })} problemOf={problemOf} path="rates" />
        </>
      ) : null}
      {form.kind === 'LIST_PRICE' ? (
        <>
          <p className="fb-quiet" style={{ margin: 0 }}>
            The public price of {row.model}, USD per million tokens: what savings are measured against.
          </p>
          <CardFields card={form.list} onChange={(list) => edit({ list })} problemOf={problemOf} path="rates" />
        </>
      ) : null}
      {isRetirement ? (
        <p style={{ margin: 0 }}>The rule in force ends now, and the next less specific one counts.</p>
      ) : (
        <div className="fb-fields" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(230px, 1fr))' }}>
          <Field
            label="In force from (UTC)"
            hint="Empty: from the moment it is saved."
            problem={problemOf('effectiveFrom')}
          >
            <input
              type="datetime-local"
              value={form.effectiveFrom}
              onChange={(event) => edit({ effectiveFrom: event.target.value })}
            />
          </Field>
          {form.kind === 'PRICE_RULE' ? null : (
            <Field
              label="Where the figures are from"
              hint="Such as an address or a letter."
              problem={problemOf('source')}
            >
              <input maxLength={200} value={form.source} onChange={(event) => edit({ source: event.target.value })} />
            </Field>
          )}
        </div>
      )}
      {refusal && (problems.length === 0 || others.length > 0) ? (
        <p className="fb-note fb-warn" role="status" style={{ margin: 0 }}>
          {refusalText(refusal)}
        </p>
      ) : null}
      {proposal ? (
        <>
          <PricePreview proposal={proposal} side={view.side} />
          <Simulation change={change} side={view.side} />
          <SaveChange
            {...{ change, proposal }}
            what={whatOf(form, row, view.side, asked)}
            isDated={form.effectiveFrom !== '' && !isRetirement}
            onSaved={(done) => {
              setSaved(done)
              onSaved()
            }}
            onAgain={again}
          />
        </>
      ) : (
        <p className="fb-quiet" style={{ margin: 0 }}>
          Change a figure, and its effect is shown here before anything is saved.
        </p>
      )}
    </section>
  )
}

/** What the button says is done: the object and its new figures. */
function whatOf(form, row, side, asked) {
  if (form.kind === 'RETIRE_RULE') return 'End the rule'
  if (form.kind === 'COST_PROFILE')
    return `Save cost of ${row.provider}/${row.upstreamModel}: input ${form.cost.input}, output ${form.cost.output},`
  if (form.kind === 'LIST_PRICE')
    return `Save list price of ${row.model}: input ${form.list.input}, output ${form.list.output},`
  const { terms } = form
  const how = TERMS(side).find(([kind]) => kind === terms.kind)[1]
  const figure = {
    MARKUP_ON_COST: withSign(terms.markup),
    DISCOUNT_OFF_LIST: withSign(terms.discount),
    ADDITION_PER_MILLION: terms.addition,
  }[terms.kind]
  const scope = scopesOf(row, side, asked).find(({ value }) => value === form.scope)?.label
  return `Save “${how}${figure ? ` ${figure}` : ''}” for ${scope}`
}

/** What the server says of a change, shortly after somebody stops typing. */
function useProposal(change, isWanted) {
  const [state, setState] = useState({ proposal: null, refusal: null })
  const said = JSON.stringify(change)
  const read = useCallback(
    async (signal) => {
      try {
        const found = await send('/admin/data/margins/proposals', { change: JSON.parse(said) }, signal)
        setState(found.ok ? { proposal: found, refusal: null } : { proposal: null, refusal: found })
      } catch (error) {
        if (error.name !== 'AbortError') setState({ proposal: null, refusal: { reason: 'failed' } })
      }
    },
    [said],
  )
  useEffect(() => {
    if (!isWanted) return undefined
    const reading = new AbortController()
    const timer = setTimeout(() => read(reading.signal), PREVIEW_DELAY_MS)
    return () => {
      clearTimeout(timer)
      reading.abort()
    }
  }, [read, isWanted])
  return { ...state, again: () => read() }
}

function Saved({ saved, onClose }) {
  return (
    <section className="fb-box" aria-label="Saved">
      <div className="fb-note fb-done" role="status">
        <strong>Saved.</strong>
        {saved.lines.map((line) => (
          <div key={line} style={{ overflowWrap: 'anywhere' }}>
            {plainTerms(line)}
          </div>
        ))}
      </div>
      <div>
        <button type="button" className="fb-button" onClick={onClose}>
          Close
        </button>
      </div>
    </section>
  )
}
