import React from 'react'
import { Link } from 'react-router-dom'
import { useData } from '../dashboard/use-data.js'
import { ChangeForm } from './change-form.jsx'
import { Marks } from './margin-table.jsx'
import { PriceStory, UpcomingPrices } from './price-story.jsx'
import { Waterfall } from './waterfall.jsx'
import { plainTerms } from './words.js'

/** One route: how its price comes about, what is ahead, its past, and the form that changes it. */
export function RouteDetail({ routeId, query, view, asked, backHref, isChanging, onChanging }) {
  const { data: detail, problem, again } = useData(`/admin/data/margins/routes/${encodeURIComponent(routeId)}?${query}`)
  if (problem) {
    return (
      <div className="fb-note fb-bad" role="alert">
        {problem} <Link to={backHref}>Back to all routes</Link>
      </div>
    )
  }
  if (!detail) return <p className="fb-quiet">Loading…</p>
  const { row } = detail
  const { operatorRule, resellerRule } = row
  const mayChange = view.mayChangePrices || view.mayChangeCosts
  return (
    <>
      <div className="fb-row fb-between">
        <div style={{ minWidth: 0 }}>
          <Link to={backHref}>← All routes</Link>
          <h2 style={{ fontSize: 22, marginTop: 8, overflowWrap: 'anywhere' }}>{row.model}</h2>
          <p className="fb-quiet" style={{ margin: '4px 0 0' }}>
            {row.provider} · {row.upstreamModel}, for {detail.audience}
          </p>
          <Marks row={row} />
        </div>
        {mayChange && !isChanging ? (
          <button type="button" className="fb-button fb-main" onClick={() => onChanging(true)}>
            Change a price
          </button>
        ) : null}
      </div>
      {isChanging && mayChange ? (
        <ChangeForm
          key={`${routeId} ${query}`}
          {...{ detail, view, asked }}
          onSaved={again}
          onClose={() => onChanging(false)}
        />
      ) : null}
      <Waterfall detail={detail} side={view.side} />
      <section className="fb-box" aria-label="Rules in force">
        <h2>Rules in force</h2>
        <dl className="fb-fields" style={{ margin: 0, gridTemplateColumns: 'repeat(auto-fill, minmax(240px, 1fr))' }}>
          {view.side === 'OPERATOR' ? <Rule title="Operator’s rule" rule={operatorRule} /> : null}
          {view.side === 'RESELLER' || resellerRule ? <Rule title="Reseller’s rule" rule={resellerRule} /> : null}
        </dl>
      </section>
      <UpcomingPrices row={row} side={view.side} />
      <PriceStory story={detail.story} now={view.now} />
    </>
  )
}

function Rule({ title, rule }) {
  return (
    <div>
      <dt className="fb-quiet">{title}</dt>
      <dd style={{ margin: '2px 0 0' }}>
        {rule ? `${rule.name}: ${plainTerms(rule.terms)}` : 'None: the model has no price.'}
      </dd>
    </div>
  )
}
