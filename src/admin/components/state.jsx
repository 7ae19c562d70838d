import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'
import { TONES, ToneShape } from './tone-shape.jsx'

/** A state as word, colour and shape; a kind, which has no tone, as its word. */
export default function State({ property, record, where }) {
  const value = record.params[property.path]
  const { word, tone } = property.custom.states?.[value] ?? { word: value, tone: null }
  return (
    <ShownValue where={where} property={property} record={record}>
      {value === null || value === undefined ? NONE : <Badge word={word} tone={tone} />}
    </ShownValue>
  )
}

export function Badge({ word, tone }) {
  if (tone === null) return <span style={{ whiteSpace: 'nowrap' }}>{word}</span>
  return (
    <span
      style={{
        color: TONES[tone],
        display: 'inline-flex',
        gap: 6,
        alignItems: 'center',
        fontWeight: 600,
        whiteSpace: 'nowrap',
      }}
    >
      <ToneShape tone={tone} />
      {word}
    </span>
  )
}
