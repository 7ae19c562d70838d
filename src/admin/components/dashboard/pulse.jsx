import React from 'react'
import { Link } from 'react-router-dom'
import { amountText } from '../amount-text.js'
import { ToneShape } from '../tone-shape.jsx'
import { countText, exactMoney, money, percentText } from './written.js'

/** What wants attention now. Each number leads to the rows that it counts. */
export function Pulse({ view }) {
  const { pulse, currency, side } = view
  return (
    <section className="fb-box" aria-label="Now">
      <div className="fb-row fb-between">
        <h2>Now</h2>
        <span className="fb-quiet">Today is a day of UTC. Each number leads to its rows.</span>
      </div>
      <ul className="fb-pulse">
        {pulse.rows.map((row) => {
          const isAlarm = row.isAlarming && row.count !== '0'
          return (
            <li key={row.id} className={isAlarm ? 'fb-alarm' : ''} data-pulse={row.id}>
              <span className="fb-quiet">{row.label}</span>
              <span className="fb-row" style={{ gap: 8 }}>
                {isAlarm ? (
                  <span style={{ color: '#8a3d00', display: 'inline-flex' }}>
                    <ToneShape tone="action" />
                    <span className="fb-hidden">Wants attention</span>
                  </span>
                ) : null}
                <Link to={row.href}>{countText(row.count)}</Link>
                {row.shareBps === null ? null : <span className="fb-quiet">{percentText(row.shareBps)}</span>}
              </span>
              {row.amount === null || row.count === '0' ? null : (
                <span className="fb-quiet" title={exactText(row, currency)}>
                  {amount(row, currency)} {row.amountOf}
                </span>
              )}
            </li>
          )
        })}
        <li className={pulse.losing.length > 0 ? 'fb-alarm' : ''} data-pulse="losing">
          <span className="fb-quiet">{side === 'OPERATOR' ? 'Routes' : 'Models'} with a loss, 7 days</span>
          {pulse.losing.length > 0 ? <a href="#losing">{pulse.losing.length}</a> : <strong>0</strong>}
        </li>
      </ul>
      {pulse.losing.length > 0 ? (
        <div className="fb-scroll">
          <table className="fb-table" id="losing">
            <caption>What cost more than it earned in seven days, the greatest loss first</caption>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className="fb-num">
                  Margin
                </th>
                <th scope="col" className="fb-num">
                  Requests
                </th>
              </tr>
            </thead>
            <tbody>
              {pulse.losing.map(({ model, marginNano, requests, href }) => (
                <tr key={href}>
                  <th scope="row">
                    <Link to={href}>{model}</Link>
                  </th>
                  <td className="fb-num fb-down" title={exactMoney(marginNano, currency)}>
                    {money(marginNano, currency, 'request')}
                  </td>
                  <td className="fb-num">{countText(requests)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  )
}

const amount = ({ amount: digits, unit }, currency) => amountText(digits, { kind: unit, digits: 'balance', currency })
const exactText = ({ amount: digits, unit }, currency) =>
  unit === 'nano' ? exactMoney(digits, currency) : amountText(digits, { kind: unit, digits: 'balance', currency })
