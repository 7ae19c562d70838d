import React from 'react'
import { scopesOf, TERMS } from './built-change.js'
import { CardFields, Field } from './fields.jsx'

/** A price rule: for whom, and how the price is made. */
export function RuleFields({ form, onChange, problemOf, row, side, asked }) {
  const { terms } = form
  const setTerms = (changed) => onChange({ terms: { ...terms, ...changed } })
  const amount = (name, label, hint) => (
    <Field label={label} hint={hint} problem={problemOf(`terms.${name}`)}>
      <input
        inputMode="decimal"
        autoComplete="off"
        value={terms[name]}
        onChange={(event) => setTerms({ [name]: event.target.value })}
      />
    </Field>
  )
  return (
    <>
      <div className="fb-fields" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))' }}>
        <Field label="For" problem={problemOf('scope')}>
          <select value={form.scope} onChange={(event) => onChange({ scope: event.target.value })}>
            {scopesOf(row, side, asked).map(({ label, value }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="How">
          <select value={terms.kind} onChange={(event) => setTerms({ kind: event.target.value })}>
            {TERMS(side).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        {terms.kind === 'MARKUP_ON_COST' ? amount('markup', 'Markup, %', 'Such as 12.5 %') : null}
        {terms.kind === 'DISCOUNT_OFF_LIST' ? amount('discount', 'Discount, %', 'Such as 10 %') : null}
        {terms.kind === 'ADDITION_PER_MILLION' ? amount('addition', 'Addition, USD per million', 'Such as 0.25') : null}
      </div>
      {terms.kind === 'ABSOLUTE' ? (
        <CardFields
          card={terms.rates}
          onChange={(rates) => setTerms({ rates })}
          problemOf={problemOf}
          path="terms.rates"
        />
      ) : null}
      <label className="fb-check">
        <input
          type="checkbox"
          style={{ width: 'auto' }}
          checked={form.allowNegativeMargin}
          onChange={(event) => onChange({ allowNegativeMargin: event.target.checked })}
        />
        May sell for less than it costs
      </label>
    </>
  )
}
