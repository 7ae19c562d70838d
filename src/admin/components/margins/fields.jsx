import React, { useId } from 'react'
import { KINDS } from './words.js'

/** A field with its label, and what is wrong with it. */
export function Field({ label, hint, problem, children }) {
  const id = useId()
  const about = problem ? `${id}-problem` : hint ? `${id}-hint` : undefined
  return (
    <div style={{ display: 'grid', gap: 4, alignContent: 'start' }}>
      <label htmlFor={id}>{label}</label>
      {React.cloneElement(children, { id, 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': about })}
      {problem ? (
        <span className="fb-wrong" id={`${id}-problem`}>
          {problem}
        </span>
      ) : hint ? (
        <span className="fb-quiet" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  )
}

const TOKEN_KINDS = KINDS.filter(([kind]) => kind !== 'perRequest')
const NO_RATES = Object.fromEntries(TOKEN_KINDS.map(([kind]) => [kind, '']))

/** A rate card: decimals per million tokens, with tiers for large requests. */
export function CardFields({ card, onChange, problemOf, path }) {
  const set = (name, value) => onChange({ ...card, [name]: value })
  const setTier = (at, changed) =>
    set(
      'tiers',
      card.tiers.map((tier, index) => (index === at ? { ...tier, ...changed } : tier)),
    )
  const rate = (value, write, field, label, hint) => (
    <Field key={field} label={label} hint={hint} problem={problemOf(field)}>
      <input inputMode="decimal" autoComplete="off" value={value} onChange={(event) => write(event.target.value)} />
    </Field>
  )
  return (
    <>
      <div className="fb-fields">
        {KINDS.map(([kind, word]) =>
          rate(
            card[kind],
            (text) => set(kind, text),
            `${path}.${kind}`,
            word,
            kind.startsWith('cache') ? 'Empty: as input' : undefined,
          ),
        )}
      </div>
      {card.tiers.map((tier, at) => (
        <fieldset
          // biome-ignore lint/suspicious/noArrayIndexKey: a tier is known by its place alone.
          key={at}
          style={{ border: '1px solid #dfe3e8', borderRadius: 8, padding: 14, margin: 0, minWidth: 0 }}
        >
          <legend style={{ fontSize: 13, fontWeight: 600, padding: '0 6px' }}>Large requests</legend>
          <div className="fb-fields">
            {rate(
              tier.aboveInputTokens,
              (text) => setTier(at, { aboveInputTokens: text }),
              `${path}.tiers.${at}.aboveInputTokens`,
              'Above, input tokens',
            )}
            {TOKEN_KINDS.map(([kind, word]) =>
              rate(tier[kind], (text) => setTier(at, { [kind]: text }), `${path}.tiers.${at}.${kind}`, word),
            )}
          </div>
          <button
            type="button"
            className="fb-button"
            style={{ marginTop: 12 }}
            onClick={() =>
              set(
                'tiers',
                card.tiers.filter((_tier, index) => index !== at),
              )
            }
          >
            Remove this tier
          </button>
        </fieldset>
      ))}
      <div>
        <button
          type="button"
          className="fb-button"
          onClick={() => set('tiers', [...card.tiers, { aboveInputTokens: '', ...NO_RATES }])}
        >
          Add a tier for large requests
        </button>
      </div>
    </>
  )
}
