import React, { useState } from 'react'
import { CourseChart } from '../dashboard/chart.jsx'
import { countText, dayText, drawn, exactMoney, money, percentText, timeText } from '../dashboard/written.js'

const GROUPS = [
  ['models', 'Model'],
  ['customers', 'Customer'],
  ['resellers', 'Reseller'],
]
const SERIES_MAX = 8

const shareBps = ({ marginNano, revenueNano }) =>
  BigInt(revenueNano) > 0n ? (BigInt(marginNano) * 10_000n) / BigInt(revenueNano) : null
const differenceOf = (row) => (BigInt(row.after.marginNano) - BigInt(row.unchanged.marginNano)).toString()

const toneOf = (digits) => (digits === '0' ? '' : digits.startsWith('-') ? 'fb-down' : 'fb-up')

/** What a change would have made of real requests: before and after, for all and by model, customer, reseller. */
export function SimulationResult({ simulation, side }) {
  const { total, negative, from, to, pricedAt, excludedRequests } = simulation
  const currency = simulation.currency ?? 'USD'
  const groups = GROUPS.filter(([name]) => side === 'OPERATOR' || name !== 'resellers')
  const [name, setName] = useState('models')
  const group = simulation[name]
  const cost = side === 'OPERATOR' ? 'Provider cost' : 'Wholesale cost'
  if (total.before.requests === '0') {
    return (
      <p className="fb-note" role="status" style={{ margin: 0 }}>
        There were no charged requests in this time, so there is nothing to price anew. Choose more days, or look at the
        prices above.
      </p>
    )
  }
  return (
    <div style={{ display: 'grid', gap: 16, minWidth: 0 }} data-simulation="done">
      <div className="fb-scroll">
        <table className="fb-table" data-table="simulation-total">
          <caption>
            {countText(total.before.requests)} requests of {dayText(from)} to {timeText(to)} UTC, priced as if they came
            at {timeText(pricedAt)} UTC.
            {excludedRequests > 0 ? ` ${countText(excludedRequests)} without a charge are left out.` : ''}
          </caption>
          <thead>
            <tr>
              <th scope="col">Prices</th>
              {['Revenue', cost, 'Margin', 'Margin, %', 'Priced requests'].map((title) => (
                <th key={title} scope="col" className={`fb-num ${title === 'Priced requests' ? 'fb-wide' : ''}`}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[
              ['As booked', total.before],
              ['Without the change', total.unchanged],
              ['With the change', total.after],
            ].map(([label, take]) => (
              <tr key={label}>
                <th scope="row" style={{ fontWeight: label === 'With the change' ? 700 : 400 }}>
                  {label}
                </th>
                <Take {...{ take, currency }} />
                <td className="fb-num fb-wide">{countText(take.requests)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="fb-row fb-between">
        <h3>Margin without and with the change</h3>
        <fieldset className="fb-choices" style={{ margin: 0, padding: 0 }}>
          <legend className="fb-hidden">Group by</legend>
          {groups.map(([each, word]) => (
            <button key={each} type="button" aria-pressed={each === name} onClick={() => setName(each)}>
              {word}
            </button>
          ))}
        </fieldset>
      </div>
      <Drawing group={group} currency={currency} word={GROUPS.find(([each]) => each === name)[1]} />
      <GroupTable {...{ group, currency, total }} word={GROUPS.find(([each]) => each === name)[1]} />
      {negative.length > 0 ? (
        <div className="fb-note fb-warn" data-simulation="losses">
          <strong>Sold for less than it costs, with the change:</strong>
          <ul>
            {negative.map((row) => (
              <li key={`${row.model} ${row.provider} ${row.upstreamModel} ${row.reseller}`}>
                {row.model} via {row.provider}
                {row.reseller ? `, customers of ${row.reseller}` : ''}: {countText(row.requests)} requests,{' '}
                <span title={exactMoney(row.lossNano, currency)}>{money(row.lossNano, currency, 'request')}</span> lost
                {row.isSkipped ? '. The router would leave the route out instead.' : '.'}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  )
}

function Take({ take, currency }) {
  return (
    <>
      {['revenueNano', 'costNano', 'marginNano'].map((name) => (
        <td key={name} className="fb-num" title={exactMoney(take[name], currency)}>
          {money(take[name], currency)}
        </td>
      ))}
      <td className="fb-num">{percentText(shareBps(take))}</td>
    </>
  )
}

function Drawing({ group, currency, word }) {
  const top = group.rows.slice(0, SERIES_MAX)
  const rest = [...group.rows.slice(SERIES_MAX), ...(group.others ? [group.others] : [])]
  const sum = (plane) => rest.reduce((all, row) => all + BigInt(row[plane].marginNano), 0n)
  const labels = [...top.map(({ name }) => name), ...(rest.length > 0 ? ['Other'] : [])]
  const values = (plane) => [
    ...top.map((row) => drawn(row[plane].marginNano)),
    ...(rest.length > 0 ? [drawn(sum(plane))] : []),
  ]
  return (
    <CourseChart
      kind="bar"
      labels={labels}
      series={[
        { label: 'Without the change', values: values('unchanged') },
        { label: 'With the change', values: values('after') },
      ]}
      sentence={`Margin by ${word.toLowerCase()} without and with the change, in ${currency}. The table below has every value.`}
      unit={currency}
    />
  )
}

function GroupTable({ group, currency, total, word }) {
  const row = (key, name, sums) => (
    <tr key={key}>
      <th scope="row" style={{ fontWeight: 500, overflowWrap: 'anywhere', minWidth: 110 }}>
        {name}
      </th>
      <td className="fb-num fb-wide">{money(sums.unchanged.revenueNano, currency)}</td>
      <td className="fb-num" title={exactMoney(sums.after.revenueNano, currency)}>
        {money(sums.after.revenueNano, currency)}
      </td>
      <td className="fb-num fb-wide">{money(sums.after.costNano, currency)}</td>
      <td className="fb-num fb-wide">{money(sums.unchanged.marginNano, currency)}</td>
      <td className="fb-num" title={exactMoney(sums.after.marginNano, currency)}>
        {money(sums.after.marginNano, currency)}
      </td>
      <td className={`fb-num ${toneOf(differenceOf(sums))}`} title={exactMoney(differenceOf(sums), currency)}>
        {differenceOf(sums).startsWith('-') || differenceOf(sums) === '0' ? '' : '+'}
        {money(differenceOf(sums), currency)}
      </td>
    </tr>
  )
  const titles = ['Revenue without', 'Revenue with', 'Cost with', 'Margin without', 'Margin with', 'Difference']
  const isWide = (title) => ['Revenue without', 'Cost with', 'Margin without'].includes(title)
  return (
    <div className="fb-scroll">
      <table className="fb-table" data-table="simulation-groups">
        <caption>By {word.toLowerCase()}, without and with the change, the most revenue first</caption>
        <thead>
          <tr>
            <th scope="col">{word}</th>
            {titles.map((title) => (
              <th key={title} scope="col" className={`fb-num ${isWide(title) ? 'fb-wide' : ''}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {group.rows.map((each) => row(each.id ?? 'none', each.name, each))}
          {group.others ? row('others', `${countText(group.others.count)} others`, group.others) : null}
        </tbody>
        <tfoot>{row('total', 'Total', total)}</tfoot>
      </table>
    </div>
  )
}
