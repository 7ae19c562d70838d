import React from 'react'
import { useSelector } from 'react-redux'
import { useLocation, useNavigate } from 'react-router-dom'
import { Breakdown } from './dashboard/breakdown.jsx'
import { Course } from './dashboard/course.jsx'
import { FigureCards } from './dashboard/figure-cards.jsx'
import { OfficeStyle } from './dashboard/office-style.jsx'
import { PeriodPicker } from './dashboard/period-picker.jsx'
import { Pulse } from './dashboard/pulse.jsx'
import { useData } from './dashboard/use-data.js'
import { spanText } from './dashboard/written.js'

const KEPT = ['range', 'from', 'to', 'by']

/** The first page: a period's figures, their course and where they come from, and what wants attention now. */
export default function Dashboard() {
  const session = useSelector((state) => state.session)
  const navigate = useNavigate()
  const { search } = useLocation()
  const address = new URLSearchParams(search)
  const asked = Object.fromEntries(KEPT.map((name) => [name, address.get(name)]).filter(([, value]) => value))
  const query = new URLSearchParams(asked).toString()
  const { data: view, problem, isLoading, again } = useData(`/admin/data/dashboard?${query}`)
  const go = (changed) => navigate(`/admin?${new URLSearchParams(changed)}`)
  const by = asked.by ? { by: asked.by } : {}
  return (
    <div className="fb-page" aria-busy={isLoading}>
      <OfficeStyle />
      <div className="fb-row fb-between">
        <div>
          <h1>Welcome, {decodeURIComponent(session?.name ?? '')}</h1>
          <p className="fb-quiet" style={{ margin: '6px 0 0' }}>
            {view ? `${spanText(view.period)}, against ${spanText(view.before)}` : 'Days are of UTC.'}
          </p>
        </div>
        <PeriodPicker
          range={asked.range ?? '30d'}
          from={asked.from}
          to={asked.to}
          onChange={(period) => go({ ...period, ...by })}
        />
      </div>
      {problem ? (
        <div className="fb-note fb-bad" role="alert">
          <p style={{ margin: '0 0 10px' }}>{problem}</p>
          <button type="button" className="fb-button" onClick={again}>
            Try again
          </button>
        </div>
      ) : null}
      {view ? <View view={view} query={query} onGroup={(group) => go({ ...asked, by: group })} /> : null}
      {!view && !problem ? <p className="fb-quiet">Loading…</p> : null}
    </div>
  )
}

function View({ view, query, onGroup }) {
  return (
    <>
      <FigureCards cards={view.cards} currency={view.currency} href={view.href} />
      {view.totals.requests === '0' ? <Nothing view={view} /> : <Course view={view} />}
      <Pulse view={view} />
      {view.totals.requests === '0' ? null : <Breakdown key={query} view={view} query={query} onGroup={onGroup} />}
    </>
  )
}

/** Nothing yet is another thing than nothing in this period. */
function Nothing({ view }) {
  const text = view.hasEver
    ? 'There were no requests in this period. Choose a longer one above.'
    : view.side === 'OPERATOR'
      ? 'There were no requests yet. Once a customer calls a model with an access key, revenue, cost and margin appear here within seconds.'
      : 'Your customers have made no requests yet. Open a customer, give them an access key, and what you earn appears here within seconds.'
  return (
    <section className="fb-box fb-empty" role="status">
      {text}
    </section>
  )
}
