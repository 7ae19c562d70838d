import React from 'react'

/** A labelled field, with its refusal where the reader of the screen hears it. */
function Field({ form, name, label, hint, children }) {
  form.names.current.add(name)
  const id = form.idOf(name)
  const problem = form.problemOf(name)
  const describedBy = [hint ? `${id}-hint` : null, problem ? `${id}-problem` : null].filter(Boolean).join(' ')
  const described = {
    id,
    name,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': describedBy || undefined,
  }
  return (
    <div style={{ display: 'grid', gap: 4, alignContent: 'start' }}>
      <label htmlFor={id} style={{ fontWeight: 600 }}>
        {label}
      </label>
      {children(described, problem)}
      {hint ? (
        <span id={`${id}-hint`} style={{ color: '#4a535c', fontSize: 13 }}>
          {hint}
        </span>
      ) : null}
      {problem ? (
        <span id={`${id}-problem`} style={{ color: '#a1180f', fontWeight: 600, fontSize: 13 }}>
          {problem}
        </span>
      ) : null}
    </div>
  )
}

export function TextField({ form, name, label, hint, ...input }) {
  return (
    <Field {...{ form, name, label, hint }}>
      {(described, problem) => (
        <input
          {...input}
          {...described}
          style={box(problem)}
          value={form.values[name] ?? ''}
          onChange={(event) => form.set(name, event.target.value)}
        />
      )}
    </Field>
  )
}

/** An amount as people write it: 1,250.00 or 1 250,00. */
export function AmountField({ currency, ...field }) {
  return (
    <TextField
      {...field}
      label={`${field.label} (${currency})`}
      inputMode="decimal"
      autoComplete="off"
      placeholder="1,250.00"
    />
  )
}

export function DayField(field) {
  return <TextField {...field} type="date" />
}

export function LongTextField({ form, name, label, hint, rows = 3 }) {
  return (
    <Field {...{ form, name, label, hint }}>
      {(described, problem) => (
        <textarea
          {...described}
          rows={rows}
          style={{ ...box(problem), resize: 'vertical' }}
          value={form.values[name] ?? ''}
          onChange={(event) => form.set(name, event.target.value)}
        />
      )}
    </Field>
  )
}

/** @param choices pairs of value and word */
export function ChoiceField({ form, name, label, hint, choices }) {
  return (
    <Field {...{ form, name, label, hint }}>
      {(described, problem) => (
        <select
          {...described}
          style={{ ...box(problem), height: 40 }}
          value={form.values[name] ?? ''}
          onChange={(event) => form.set(name, event.target.value)}
        >
          {choices.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** @param choices with value, title and what it means */
export function RadioField({ form, name, label, choices }) {
  form.names.current.add(name)
  const problem = form.problemOf(name)
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, display: 'grid', gap: 10 }}>
      <legend style={{ fontWeight: 600, padding: 0, marginBottom: 6 }}>{label}</legend>
      {choices.map(({ value, title, explanation }) => (
        <label key={value} style={{ display: 'flex', gap: 10, alignItems: 'flex-start', cursor: 'pointer' }}>
          <input
            type="radio"
            id={form.values[name] === value ? form.idOf(name) : undefined}
            name={form.idOf(name)}
            value={value}
            checked={form.values[name] === value}
            onChange={() => form.set(name, value)}
            style={{ marginTop: 4 }}
          />
          <span>
            <span style={{ fontWeight: 600 }}>{title}</span>
            {explanation ? <span style={{ display: 'block', color: '#4a535c' }}>{explanation}</span> : null}
          </span>
        </label>
      ))}
      {problem ? <span style={{ color: '#a1180f', fontWeight: 600, fontSize: 13 }}>{problem}</span> : null}
    </fieldset>
  )
}

export function TickField({ form, name, label, hint }) {
  form.names.current.add(name)
  const problem = form.problemOf(name)
  return (
    <label style={{ display: 'flex', gap: 10, alignItems: 'flex-start' }}>
      <input
        type="checkbox"
        id={form.idOf(name)}
        checked={form.values[name] ?? false}
        onChange={(event) => form.set(name, event.target.checked)}
        style={{ marginTop: 4 }}
      />
      <span>
        {label}
        {hint ? <span style={{ display: 'block', color: '#4a535c', fontSize: 13 }}>{hint}</span> : null}
        {problem ? (
          <span style={{ display: 'block', color: '#a1180f', fontWeight: 600, fontSize: 13 }}>{problem}</span>
        ) : null}
      </span>
    </label>
  )
}

export function FileField({ form, name, label, hint, accept }) {
  return (
    <Field {...{ form, name, label, hint }}>
      {(described) => (
        <input
          {...described}
          type="file"
          accept={accept}
          onChange={(event) => form.set(name, event.target.files[0] ?? null)}
        />
      )}
    </Field>
  )
}

const box = (problem) => ({
  font: 'inherit',
  width: '100%',
  boxSizing: 'border-box',
  padding: '8px 12px',
  background: '#fff',
  color: '#1d2329',
  borderRadius: 4,
  border: `1px solid ${problem ? '#a1180f' : '#8b949e'}`,
})
