import React from 'react'
import { Link } from 'react-router-dom'
import { dayText, percentText } from '../dashboard/written.js'
import { Badge } from '../state.jsx'
import { figureOf, KIND_WORDS, KINDS, rateText, warningsOf } from './words.js'

/** Models and their routes, with what each kind of token costs, lists for, sells for and earns. */
export function MarginTable({ view, rows, kinds, hrefOf, onKinds, onClear }) {
  const isOperator = view.side === 'OPERATOR'
  const costWord = isOperator ? 'Cost' : 'Wholesale'
  return (
    <section className="fb-box" aria-label="Models and routes">
      <div className="fb-row fb-between">
        <span className="fb-quiet">
          {rows.length} of {view.rows.length} routes. Prices for {view.audience}, in USD per million tokens, fees
          included.
          {isOperator ? ` Margin floor ${percentText(view.floorBps)} over cost.` : ''}
        </span>
        <details>
          <summary>Columns</summary>
          <div className="fb-row" style={{ paddingTop: 8 }}>
            {KINDS.map(([kind, word]) => (
              <label key={kind} className="fb-check">
                <input
                  type="checkbox"
                  checked={kinds.includes(kind)}
                  onChange={(event) =>
                    onKinds(
                      KINDS.map(([each]) => each).filter((each) =>
                        each === kind ? event.target.checked : kinds.includes(each),
                      ),
                    )
                  }
                />
                {word}
              </label>
            ))}
          </div>
        </details>
      </div>
      {rows.length === 0 ? (
        <div className="fb-empty" role="status">
          {view.rows.length === 0 ? (
            'There are no routes yet. Apply a catalog file with models, routes and costs, and their margins appear here.'
          ) : (
            <>
              <p>Nothing matches these filters.</p>
              <button type="button" className="fb-button" onClick={onClear}>
                Clear filters
              </button>
            </>
          )}
        </div>
      ) : (
        <div className="fb-scroll">
          <table className="fb-table" data-table="margins">
            <caption className="fb-hidden">Margins by model and route</caption>
            <thead>
              <tr>
                <th scope="col" rowSpan={2}>
                  Model and route
                </th>
                {kinds.map((kind) => (
                  <React.Fragment key={kind}>
                    <th scope="colgroup" colSpan={4} className="fb-wide" style={{ borderLeft: '1px solid #dfe3e8' }}>
                      {KIND_WORDS[kind]}
                    </th>
                    <th scope="colgroup" colSpan={2} className="fb-phone" style={{ borderLeft: '1px solid #dfe3e8' }}>
                      {KIND_WORDS[kind]}
                    </th>
                  </React.Fragment>
                ))}
              </tr>
              <tr>
                {kinds.map((kind) => (
                  <React.Fragment key={kind}>
                    <th scope="col" className="fb-num fb-wide" style={{ borderLeft: '1px solid #dfe3e8' }}>
                      {costWord}
                    </th>
                    <th scope="col" className="fb-num fb-wide">
                      List
                    </th>
                    <th scope="col" className="fb-num">
                      Price
                    </th>
                    <th scope="col" className="fb-num">
                      Margin
                    </th>
                  </React.Fragment>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.routeId}>
                  <th scope="row" style={{ fontWeight: 400, minWidth: 150 }}>
                    <Link to={hrefOf(row)} style={{ fontWeight: 600 }}>
                      {row.model}
                    </Link>
                    <span className="fb-quiet" style={{ display: 'block', overflowWrap: 'anywhere' }}>
                      {row.provider} · {row.upstreamModel}
                    </span>
                    <Marks row={row} />
                  </th>
                  {kinds.map((kind) => (
                    <Figures key={kind} figure={figureOf(row, kind)} isOperator={isOperator} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

export function Marks({ row }) {
  const [next] = row.upcoming
  const warnings = warningsOf(row)
  if (warnings.length === 0 && !next && row.isServed) return null
  return (
    <span className="fb-row" style={{ gap: '2px 12px', fontSize: 13, marginTop: 4 }}>
      {warnings.map(({ word, tone, why }) => (
        <span key={word} title={why}>
          <Badge word={word} tone={tone} />
        </span>
      ))}
      {row.isServed ? null : <Badge word="Not served" tone="over" />}
      {next ? <Badge word={`Changes ${dayText(next.at)}`} tone="waiting" /> : null}
    </span>
  )
}

function Figures({ figure, isOperator }) {
  const border = { borderLeft: '1px solid #dfe3e8' }
  if (!figure) {
    return (
      <>
        <td className="fb-num fb-wide" style={border}>
          –
        </td>
        <td className="fb-num fb-wide">–</td>
        <td className="fb-num">–</td>
        <td className="fb-num">–</td>
      </>
    )
  }
  const isLoss = figure.isNegative
  return (
    <>
      <td className="fb-num fb-wide" style={border}>
        {rateText(figure.costNano)}
      </td>
      <td className="fb-num fb-wide">{rateText(figure.listNano)}</td>
      <td className="fb-num">{rateText(isOperator ? figure.wholesaleNano : figure.priceNano)}</td>
      <td className={`fb-num ${isLoss ? 'fb-down' : ''}`} title={`${rateText(figure.marginNano)} per million`}>
        {percentText(figure.marginBps)}
      </td>
    </>
  )
}
