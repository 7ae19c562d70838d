import { Box, Button } from '@adminjs/design-system'
import React from 'react'
import { useSelector } from 'react-redux'
import { Link } from 'react-router-dom'
import { amountText, exactAmount } from '../amount-text.js'
import { TABULAR } from '../shown-value.jsx'
import { Badge } from '../state.jsx'

export const LINK = { color: '#2a4bd7' }

/** A page for acting: its title, what was just done, and what it shows once that is read. */
export function ActingPage({ title, page, children }) {
  const { view, problem, notice, again } = page
  return (
    <Box px={['default', 'xl']} py="xl" style={PAGE}>
      <h1 style={{ margin: 0, fontSize: 26, fontWeight: 700, overflowWrap: 'anywhere' }}>{title}</h1>
      <div role="status" aria-live="polite" style={notice ? {} : HIDDEN}>
        {notice ? <p style={NOTICE}>{notice}</p> : null}
      </div>
      {problem ? (
        <div role="alert" style={PROBLEM}>
          <p style={{ margin: '0 0 10px' }}>{problem.message}</p>
          <Button type="button" variant="outlined" size="sm" onClick={again}>
            Try again
          </Button>
        </div>
      ) : null}
      {view ? children(view) : problem ? null : <p aria-busy="true">Loading…</p>}
    </Box>
  )
}

export function Section({ title, children, id }) {
  return (
    <Box as="section" variant="white" p={['default', 'xl']} id={id} aria-label={title} style={SECTION}>
      {title ? <h2 style={{ margin: 0, fontSize: 18, fontWeight: 700 }}>{title}</h2> : null}
      {children}
    </Box>
  )
}

/** A form that is not always wanted: behind its own words. */
export function Folded({ title, children }) {
  return (
    <details style={{ borderTop: '1px solid #d5d9de', paddingTop: 12 }}>
      <summary style={{ cursor: 'pointer', fontWeight: 600, color: '#2a4bd7', marginBottom: 12 }}>{title}</summary>
      {children}
    </details>
  )
}

/** @param facts pairs of label and value; what is null is left out */
export function Facts({ facts }) {
  return (
    <dl
      style={{
        display: 'grid',
        gridTemplateColumns: 'repeat(auto-fill, minmax(180px, 1fr))',
        gap: '14px 28px',
        margin: 0,
      }}
    >
      {facts.filter(Boolean).map(([label, value]) => (
        <div key={label} style={{ minWidth: 0 }}>
          <dt style={{ color: '#4a535c', fontSize: 13 }}>{label}</dt>
          <dd style={{ margin: '2px 0 0', overflowWrap: 'anywhere' }}>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}

/**
 * @param columns title, what of a row stands there, and whether it is an amount
 * @param empty what to say where there is nothing
 */
export function Table({ caption, columns, rows, keyOf, empty = 'There is nothing here yet.' }) {
  if (rows.length === 0) return <p style={{ margin: 0, color: '#4a535c' }}>{empty}</p>
  return (
    <div style={{ overflowX: 'auto' }}>
      <table style={{ borderCollapse: 'collapse', width: '100%', minWidth: 600, fontSize: 14 }}>
        <caption style={HIDDEN}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isAmount }) => (
              <th
                key={title}
                scope="col"
                style={{
                  ...CELL,
                  textAlign: isAmount ? 'right' : 'left',
                  color: '#4a535c',
                  fontWeight: 600,
                  whiteSpace: 'nowrap',
                }}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, of, isAmount }) => (
                <td key={title} style={{ ...CELL, textAlign: isAmount ? 'right' : 'left', overflowWrap: 'break-word' }}>
                  {of(row) ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Credits in nano, or money in minor units: for people, exact on hover. */
export function Money({ nano, minor, currency, isLarge = false, digits = 'balance' }) {
  const [integer, kind] = nano === undefined ? [minor, 'minor'] : [nano, 'nano']
  if (integer === null || integer === undefined) return '–'
  return (
    <span
      style={{ ...TABULAR, ...(isLarge && { fontSize: 24, fontWeight: 700 }) }}
      title={exactAmount(String(integer), { kind, currency })}
    >
      {amountText(String(integer), { kind, digits, currency })}
    </span>
  )
}

/** A time in the reader's zone, in UTC on hover. */
export function Time({ at }) {
  const session = useSelector((state) => state.session)
  if (at === null || at === undefined) return '–'
  const time = new Date(at)
  const timeZone = session?.timeZone ? decodeURIComponent(session.timeZone) : undefined
  const text = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(time)
  return (
    <time
      dateTime={time.toISOString()}
      title={`${time.toISOString().replace('T', ' ').replace('Z', '')} UTC`}
      style={{ whiteSpace: 'nowrap' }}
    >
      {text}
    </time>
  )
}

const TONE_OF = {
  ...{ PAID: 'done', BOOKED: 'done', SUCCEEDED: 'done', PROCESSED: 'done', WON: 'done', REINSTATED: 'done' },
  ...{ AWAITING_PAYMENT: 'waiting', PENDING: 'waiting', DRAFT: 'waiting', INQUIRY: 'waiting' },
  ...{
    REQUIRES_ACTION: 'action',
    OPEN: 'action',
    FAILED: 'failed',
    REJECTED: 'failed',
    LOST: 'failed',
    DISPUTED: 'failed',
  },
}

/** A state as its word, colour and shape. */
export function State({ of: value }) {
  if (!value) return '–'
  return <Badge word={wordOf(value)} tone={TONE_OF[value] ?? 'over'} />
}

export const wordOf = (value) => {
  const plain = value.toLowerCase().replaceAll('_', ' ')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}

export function AccountLink({ id, name }) {
  return (
    <Link to={`/admin/pages/account?id=${id}`} style={LINK}>
      {name ?? 'Account'}
    </Link>
  )
}

/** Why something cannot be done by who looks at it. */
export function WhyNot({ children }) {
  return (
    <p
      role="note"
      style={{
        margin: 0,
        padding: '10px 14px',
        background: '#fff5e0',
        borderLeft: '6px solid #7a5200',
        color: '#4d3400',
        borderRadius: 4,
      }}
    >
      {children}
    </p>
  )
}

const NOTICE = {
  margin: 0,
  padding: '12px 16px',
  background: '#e9f6ee',
  borderLeft: '6px solid #17653a',
  color: '#0e3f24',
  borderRadius: 4,
}
const PROBLEM = {
  padding: '12px 16px',
  background: '#fdeceb',
  borderLeft: '6px solid #a1180f',
  color: '#5c0c06',
  borderRadius: 4,
}
const CELL = { borderBottom: '1px solid #d5d9de', padding: '8px 20px 8px 0', verticalAlign: 'top' }
const HIDDEN = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }

const PAGE = { display: 'grid', gap: 20, alignContent: 'start', flexGrow: 1, minWidth: 0, background: '#f3f5f8' }
const SECTION = { display: 'grid', gap: 16, alignContent: 'start', minWidth: 0, borderRadius: 8 }
