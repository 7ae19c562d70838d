import React from 'react'
import { CourseChart } from './chart.jsx'
import { countText, drawn, exactMoney, money, percentText, spanText, timeText } from './written.js'

/** The figures over time: drawn, and below it the same as a table. */
export function Course({ view }) {
  const { series, bucket, currency, side, period, now } = view
  const isOperator = side === 'OPERATOR'
  const lines = [
    ['Revenue', ({ revenueNano }) => revenueNano],
    [isOperator ? 'Provider cost' : 'Wholesale cost', ({ costNano }) => costNano],
    [isOperator ? 'Operator margin' : 'Your margin', ({ marginNano }) => marginNano],
    ...(isOperator ? [['Reseller margin', ({ resellerMarginNano }) => resellerMarginNano]] : []),
  ]
  const word = (at) => (bucket === 'hour' ? timeText(at).slice(5) : timeText(at).slice(5, 10))
  const isRunning = (at) => at + (bucket === 'hour' ? 3_600_000 : 86_400_000) > now && at <= now
  const sentence = `${lines.map(([label]) => label).join(', ')} by ${bucket} from ${spanText(period)}, in ${currency}. The table below has every value.`
  return (
    <section className="fb-box" aria-label="Over time">
      <div className="fb-row fb-between">
        <h2>Over time</h2>
        <span className="fb-quiet">
          By {bucket} of UTC, in {currency}
        </span>
      </div>
      <CourseChart
        labels={series.map(({ at }) => `${word(at)}${isRunning(at) ? ' …' : ''}`)}
        series={lines.map(([label, read]) => ({ label, values: series.map(({ figures }) => drawn(read(figures))) }))}
        sentence={sentence}
        unit={currency}
      />
      <details>
        <summary>Show as a table</summary>
        <div className="fb-scroll" style={{ maxHeight: 420, marginTop: 12 }}>
          <table className="fb-table" data-table="course">
            <caption>
              By {bucket} of UTC, {series.length} rows
            </caption>
            <thead>
              <tr>
                <th scope="col">{bucket === 'hour' ? 'Hour' : 'Day'}</th>
                {[...lines.map(([label]) => label), 'Margin', 'Requests', 'Tokens'].map((label) => (
                  <th key={label} scope="col" className="fb-num">
                    {label === 'Margin' ? 'Margin, %' : label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {series.map(({ at, figures }) => (
                <tr key={at}>
                  <th scope="row" style={{ whiteSpace: 'nowrap', fontWeight: 400 }}>
                    <time dateTime={new Date(at).toISOString()}>
                      {timeText(at).slice(0, bucket === 'hour' ? 16 : 10)}
                    </time>
                    {isRunning(at) ? ' (so far)' : ''}
                  </th>
                  {lines.map(([label, read]) => (
                    <td key={label} className="fb-num" title={exactMoney(read(figures), currency)}>
                      {money(read(figures), currency)}
                    </td>
                  ))}
                  <td className="fb-num">{percentText(figures.marginBps)}</td>
                  <td className="fb-num">{countText(figures.requests)}</td>
                  <td className="fb-num">{countText(figures.tokens)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}
