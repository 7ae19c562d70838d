import React from 'react'
import { exactAmount } from './amount-text.js'
import { NONE, ShownValue, TABULAR } from './shown-value.jsx'

const BUCKETS = [
  ['input', 'Input'],
  ['cacheRead', 'Cache read'],
  ['cacheWrite5m', 'Cache write (5 min)'],
  ['cacheWrite1h', 'Cache write (1 h)'],
  ['output', 'Output'],
]

/** A rate card per million tokens: in a list its first tier in short, on a row's page every tier. */
export default function Rates({ property, record, where }) {
  const card = parsed(record.params[property.path])
  const currency = record.params.currency ?? property.custom.currency
  const amount = (nano) => exactAmount(String(nano), { kind: 'nano', currency })
  const [first] = card?.tiers ?? []
  return (
    <ShownValue where={where} property={property} record={record}>
      {first === undefined ? (
        NONE
      ) : where === 'list' ? (
        <Short card={card} amount={amount} />
      ) : (
        <Tiers card={card} amount={amount} />
      )}
    </ShownValue>
  )
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function Short({ card: { tiers }, amount }) {
  const { input, output } = tiers[0].rates
  return (
    <span style={TABULAR} title="Per million tokens">
      {amount(input)} in, {amount(output)} out
      {tiers.length > 1 ? `, ${tiers.length} tiers` : ''}
    </span>
  )
}

function Tiers({ card: { tiers, perRequestNano }, amount }) {
  return (
    <>
      <table style={{ borderCollapse: 'collapse', margin: '8px 0' }}>
        <caption style={{ textAlign: 'left', paddingBottom: 4 }}>Per million tokens</caption>
        <thead>
          <tr>
            <th scope="col" style={CELL}>
              Input above
            </th>
            {BUCKETS.map(([name, word]) => (
              <th key={name} scope="col" style={CELL}>
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tiers.map(({ aboveInputTokens, rates }) => (
            <tr key={aboveInputTokens}>
              <th scope="row" style={CELL}>
                {aboveInputTokens}
              </th>
              {BUCKETS.map(([name]) => (
                <td key={name} style={{ ...CELL, ...TABULAR, textAlign: 'right' }}>
                  {rates[name] === undefined ? NONE : amount(rates[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {perRequestNano === undefined || perRequestNano === '0' ? null : (
        <p>And {amount(perRequestNano)} for each request.</p>
      )}
    </>
  )
}

const CELL = { border: '1px solid #d5d9de', padding: '4px 10px', textAlign: 'left' }
