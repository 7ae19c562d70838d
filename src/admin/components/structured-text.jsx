import React from 'react'
import { NONE, ShownValue } from './shown-value.jsx'

const SHORT_MAX = 60

/** JSON for reading: in a list its beginning, on a row's page all of it. An act of the audit log as what it changed. */
export default function StructuredText({ property, record, where }) {
  const text = record.params[property.path]
  if (text === null || text === undefined)
    return (
      <ShownValue where={where} property={property} record={record}>
        {NONE}
      </ShownValue>
    )
  if (where === 'list') {
    return <span title={text}>{text.length > SHORT_MAX ? `${text.slice(0, SHORT_MAX)}…` : text}</span>
  }
  const value = parsed(text)
  const isAct = property.resourceId === 'audit' && value !== null && typeof value === 'object' && 'before' in value
  return (
    <ShownValue where={where} property={property} record={record}>
      {isAct ? <Changes before={value.before} after={value.after} /> : null}
      <pre
        style={{
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
          fontFamily: 'ui-monospace, monospace',
          fontSize: 13,
        }}
      >
        {value === null ? text : JSON.stringify(value, null, 2)}
      </pre>
    </ShownValue>
  )
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What differs between before and after, one line a field. */
function Changes({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort()
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
  if (changed.length === 0) return <p>Nothing was changed.</p>
  return (
    <table style={{ borderCollapse: 'collapse', margin: '8px 0 16px' }}>
      <caption style={{ textAlign: 'left', fontWeight: 600, paddingBottom: 4 }}>What changed</caption>
      <thead>
        <tr>
          {['Field', 'Before', 'After'].map((title) => (
            <th key={title} scope="col" style={CELL}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {changed.map((name) => (
          <tr key={name}>
            <th scope="row" style={CELL}>
              {name}
            </th>
            <td style={{ ...CELL, background: '#fdeceb' }}>{plain(before?.[name])}</td>
            <td style={{ ...CELL, background: '#e9f6ee' }}>{plain(after?.[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const CELL = { border: '1px solid #d5d9de', padding: '4px 10px', textAlign: 'left', overflowWrap: 'anywhere' }

const plain = (value) => (value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value))
