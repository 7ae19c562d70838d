import React from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { OfficeStyle } from './dashboard/office-style.jsx'
import { useData } from './dashboard/use-data.js'
import { dayText, timeText } from './dashboard/written.js'
import { filteredRows, MarginFilters } from './margins/margin-filters.jsx'
import { MarginTable } from './margins/margin-table.jsx'
import { RouteDetail } from './margins/route-detail.jsx'
import { warningsOf } from './margins/words.js'

const PATH = '/admin/pages/margins'
/** What the server is asked with; the rest of the address is for this page alone. */
const SERVED = ['asOf', 'account', 'plan', 'seller']
const KINDS_FIRST = 'input,output'

/** Margins and prices: the table of all routes, or one route with its past and the form that changes it. */
export default function Margins() {
  const navigate = useNavigate()
  const asked = Object.fromEntries([...new URLSearchParams(useLocation().search)].filter(([, value]) => value))
  const query = addressOf(Object.fromEntries(SERVED.map((name) => [name, asked[name]])))
  const { data: view, problem, isLoading, again } = useData(`/admin/data/margins?${query}`)
  const hrefWith = (changed) => `${PATH}?${addressOf({ ...asked, ...changed })}`
  const go = (changed, options) => navigate(hrefWith(changed), options)
  const rows = view ? filteredRows(view.rows, asked, warningsOf) : []
  return (
    <div className="fb-page" aria-busy={isLoading}>
      <OfficeStyle />
      <div className="fb-row fb-between">
        <h1>Margins</h1>
        {view ? (
          <span className="fb-quiet">
            {asked.asOf ? `As of ${dayText(view.asOf)}, 00:00 UTC` : `As of now, ${timeText(view.asOf)} UTC`}
          </span>
        ) : null}
      </div>
      {problem ? (
        <div className="fb-note fb-bad" role="alert">
          <p style={{ margin: '0 0 10px' }}>{problem}</p>
          <button type="button" className="fb-button" onClick={again}>
            Try again
          </button>{' '}
          <button type="button" className="fb-button" onClick={() => navigate(PATH)}>
            Clear filters
          </button>
        </div>
      ) : null}
      {view && asked.route ? (
        <RouteDetail
          {...{ routeId: asked.route, query, view, asked }}
          backHref={hrefWith({ route: '', change: '' })}
          isChanging={asked.change === 'yes'}
          onChanging={(isOpen) => go({ change: isOpen ? 'yes' : '' })}
        />
      ) : null}
      {view && !asked.route ? (
        <>
          <MarginFilters {...{ view, asked }} onChange={go} />
          <MarginTable
            {...{ view, rows }}
            kinds={(asked.kinds ?? KINDS_FIRST).split(',')}
            hrefOf={({ routeId }) => hrefWith({ route: routeId })}
            onKinds={(kinds) => go({ kinds: kinds.length > 0 ? kinds.join(',') : KINDS_FIRST })}
            onClear={() => go({ q: '', provider: '', show: '' })}
          />
        </>
      ) : null}
      {!view && !problem ? <p className="fb-quiet">Loading…</p> : null}
    </div>
  )
}

const addressOf = (asked) =>
  new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== undefined && value !== '')).toString()
