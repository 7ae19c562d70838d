import React from 'react'
import { percentText, timeText } from '../dashboard/written.js'
import { figureOf, plainTerms, rateText } from './words.js'

/** What the change would make of prices, at once while somebody types. */
export function PricePreview({ proposal, side }) {
  const { rows, rowsTotal, lines, effectiveFrom, breaches } = proposal
  const priceOf = (figure) => (side === 'OPERATOR' ? figure?.wholesaleNano : figure?.priceNano)
  return (
    <div style={{ display: 'grid', gap: 14, minWidth: 0 }}>
      <div className="fb-note" role="status">
        {lines.map((line) => (
          <div key={line} style={{ overflowWrap: 'anywhere' }}>
            {plainTerms(line).replace(/ \((new version )?from [^)]*\)$/, '')}
          </div>
        ))}
        <span className="fb-quiet">In force from {timeText(effectiveFrom)} UTC.</span>
      </div>
      {breaches.length > 0 ? (
        <div className="fb-note fb-warn" role="status">
          <strong>To be acknowledged before it is saved:</strong>
          <ul>
            {breaches.map((breach) => (
              <li key={breach} style={{ overflowWrap: 'anywhere' }}>
                {breach}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {rows.length === 0 ? (
        <p className="fb-quiet" style={{ margin: 0 }}>
          No price changes by it: for each route some more specific price counts, or nobody is sold to by it.
        </p>
      ) : (
        <div className="fb-scroll">
          <table className="fb-table" data-table="preview">
            <caption>
              Prices before → after, USD per million tokens, with the margin. {rows.length} of {rowsTotal}.
            </caption>
            <thead>
              <tr>
                <th scope="col">Route and customers</th>
                <th scope="col" className="fb-num">
                  Input
                </th>
                <th scope="col" className="fb-num fb-wide">
                  Margin
                </th>
                <th scope="col" className="fb-num">
                  Output
                </th>
                <th scope="col" className="fb-num fb-wide">
                  Margin
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.routeId} ${row.audience}`}>
                  <th scope="row" style={{ fontWeight: 500 }}>
                    {row.model}
                    <span className="fb-quiet" style={{ display: 'block' }}>
                      {row.provider}, {row.audience}
                    </span>
                  </th>
                  {['input', 'output'].map((kind) => {
                    const [before, after] = [figureOf(row.before, kind), figureOf(row.after, kind)]
                    return (
                      <React.Fragment key={kind}>
                        <td className="fb-num">
                          {rateText(priceOf(before))} → <strong>{rateText(priceOf(after))}</strong>
                        </td>
                        <td className={`fb-num fb-wide ${after?.isNegative ? 'fb-down' : ''}`}>
                          {percentText(before?.marginBps)} → {percentText(after?.marginBps)}
                        </td>
                      </React.Fragment>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
