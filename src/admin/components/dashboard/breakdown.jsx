import React, { useState } from 'react'
import { Link } from 'react-router-dom'
import { readData } from './use-data.js'
import { countText, exactMoney, money, percentText } from './written.js'

const WORDS = { model: 'Model', provider: 'Provider', customer: 'Customer', reseller: 'Reseller' }

/** Who and what the revenue comes from: bars and figures side by side; all others in one row, or one by one. */
export function Breakdown({ view, query, onGroup }) {
  const { by, groupBy, groups, other, totals, currency, side } = view
  const [more, setMore] = useState(null)
  const [isLoading, setIsLoading] = useState(false)
  const shown = more?.groups ?? groups
  const loadMore = async () => {
    setIsLoading(true)
    const after = more?.next ? `&after=${encodeURIComponent(more.next)}` : ''
    const { data } = await readData(`/admin/data/dashboard/groups?${query}${after}`)
    if (data) setMore({ groups: [...(more?.groups ?? []), ...data.groups], next: data.next })
    setIsLoading(false)
  }
  const costWord = side === 'OPERATOR' ? 'Provider cost' : 'Wholesale cost'
  const most = shown.reduce((highest, { figures }) => Math.max(highest, Number(figures.revenueNano)), 1)
  const row = ({ key, name, figures, href }) => (
    <tr key={key}>
      <th scope="row" style={{ fontWeight: 500, overflowWrap: 'anywhere', minWidth: 120 }}>
        {href ? <Link to={href}>{name}</Link> : name}
      </th>
      <td className="fb-wide" aria-hidden="true">
        <span className="fb-bar-of" hidden={key === 'all'}>
          <span
            className="fb-bar"
            style={{
              width: `${Math.max(1, Math.min(100, (Number(figures.revenueNano) / most) * 100))}%`,
              background: href ? '#2a4bd7' : '#8d96a1',
            }}
          />
        </span>
      </td>
      <td className="fb-num" title={exactMoney(figures.revenueNano, currency)}>
        {money(figures.revenueNano, currency)}
      </td>
      <td className="fb-num fb-wide" title={exactMoney(figures.costNano, currency)}>
        {money(figures.costNano, currency)}
      </td>
      <td
        className={`fb-num ${figures.marginNano.startsWith('-') ? 'fb-down' : ''}`}
        title={exactMoney(figures.marginNano, currency)}
      >
        {money(figures.marginNano, currency)}
      </td>
      <td className="fb-num">{percentText(figures.marginBps)}</td>
      <td className="fb-num fb-wide">{countText(figures.requests)}</td>
    </tr>
  )
  return (
    <section className="fb-box" aria-label="Breakdown">
      <div className="fb-row fb-between">
        <h2>Where it comes from</h2>
        <fieldset className="fb-choices" style={{ margin: 0, padding: 0 }}>
          <legend className="fb-hidden">Group by</legend>
          {groupBy.map((each) => (
            <button key={each} type="button" aria-pressed={each === by} onClick={() => onGroup(each)}>
              {WORDS[each]}
            </button>
          ))}
        </fieldset>
      </div>
      {groups.length === 0 ? (
        <p className="fb-empty" style={{ margin: 0 }}>
          Nothing in this period.
        </p>
      ) : (
        <div className="fb-scroll">
          <table className="fb-table" data-table="breakdown">
            <caption>By {WORDS[by].toLowerCase()}, the most revenue first. A name leads to its requests.</caption>
            <thead>
              <tr>
                <th scope="col">{WORDS[by]}</th>
                <th scope="col" className="fb-wide">
                  <span className="fb-hidden">Share</span>
                </th>
                <th scope="col" className="fb-num">
                  Revenue
                </th>
                <th scope="col" className="fb-num fb-wide">
                  {costWord}
                </th>
                <th scope="col" className="fb-num">
                  Margin
                </th>
                <th scope="col" className="fb-num">
                  %
                </th>
                <th scope="col" className="fb-num fb-wide">
                  Requests
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(row)}
              {other && more === null ? row({ key: 'other', name: 'Other', figures: other, href: null }) : null}
            </tbody>
            <tfoot>{row({ key: 'all', name: 'Total', figures: totals, href: view.href })}</tfoot>
          </table>
        </div>
      )}
      {(other && more === null) || more?.next ? (
        <div>
          <button type="button" className="fb-button" disabled={isLoading} onClick={loadMore}>
            {more ? 'Show more' : `Show each ${WORDS[by].toLowerCase()}`}
          </button>
        </div>
      ) : null}
    </section>
  )
}
