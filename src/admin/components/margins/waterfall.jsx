import React, { useState } from 'react'
import { KIND_WORDS, KINDS, rateText } from './words.js'

const WIDTH = 760
const ROW = 34
const LABEL = 170
const VALUE = 110
const COLOURS = {
  list: '#8d96a1',
  cost: '#2a4bd7',
  margin: '#17653a',
  fee: '#7a3fb0',
  price: '#1c2127',
  loss: '#a1180f',
}

/** How a price comes about, step by step: each bar begins where the one before ended. */
export function Waterfall({ detail, side }) {
  const { row, fees } = detail
  const [kind, setKind] = useState('input')
  const [tier, setTier] = useState(0)
  const shown = row.tiers[Math.min(tier, row.tiers.length - 1)]
  const kinds = KINDS.filter(([each]) => shown?.figures.some((figure) => figure.kind === each))
  const figure = shown?.figures.find((each) => each.kind === kind) ?? shown?.figures[0]
  if (!figure) return null
  const steps = stepsOf(figure, fees, side)
  const unit = figure.kind === 'perRequest' ? 'USD per request' : 'USD per million tokens'
  const sentence = `${KIND_WORDS[figure.kind]} of ${row.model} in ${unit}: ${steps.map(({ label, nano }) => `${label} ${rateText(nano)}`).join(', ')}.`
  return (
    <section className="fb-box" aria-label="How the price comes about">
      <div className="fb-row fb-between">
        <h2>How the price comes about</h2>
        <div className="fb-row">
          <fieldset className="fb-choices" style={{ margin: 0, padding: 0 }}>
            <legend className="fb-hidden">Kind of token</legend>
            {kinds.map(([each, word]) => (
              <button key={each} type="button" aria-pressed={each === figure.kind} onClick={() => setKind(each)}>
                {word}
              </button>
            ))}
          </fieldset>
          {row.tiers.length > 1 ? (
            <label style={{ display: 'flex', alignItems: 'center' }}>
              <span className="fb-hidden">Size of the request</span>
              <select value={tier} onChange={(event) => setTier(Number(event.target.value))}>
                {row.tiers.map(({ aboveInputTokens }, index) => (
                  <option key={aboveInputTokens} value={index}>
                    {index === 0 ? 'Any input' : `Above ${aboveInputTokens.toLocaleString('en')} input tokens`}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
        </div>
      </div>
      <Drawing steps={steps} sentence={sentence} />
      <p className="fb-quiet" style={{ margin: 0 }}>
        {unit}. Charges are computed from the exact fractions and rounded once per request.
      </p>
    </section>
  )
}

/** Steps of the waterfall with where each begins and ends, in nano. */
function stepsOf(figure, { operatorFeeNano, sellerFeeNano }, side) {
  const [cost, wholesale, price] = [figure.costNano, figure.wholesaleNano, figure.priceNano].map(BigInt)
  const feeOf = (nano) => (figure.kind === 'perRequest' || nano === null ? 0n : BigInt(nano))
  const step = (label, tone, from, to) => ({ label, tone: to < from ? 'loss' : tone, from, to, nano: to - from })
  const list = figure.listNano === null ? [] : [step('List price', 'list', 0n, BigInt(figure.listNano))]
  const sellerFee = feeOf(sellerFeeNano)
  const sold = (from) => [
    step('Reseller margin', 'margin', from, price - sellerFee),
    step('Seller’s fee', 'fee', price - sellerFee, price),
  ]
  if (side === 'RESELLER') {
    const own = sold(wholesale).map((each, index) => ({ ...each, label: ['Your markup', 'Your fee'][index] }))
    return [...list, step('Wholesale', 'cost', 0n, wholesale), ...own, step('Price', 'price', 0n, price)]
  }
  const fee = feeOf(operatorFeeNano)
  const first = [
    step('Provider cost', 'cost', 0n, cost),
    step('Markup', 'margin', cost, wholesale - fee),
    step('Processing fee', 'fee', wholesale - fee, wholesale),
  ]
  if (sellerFeeNano === null) return [...list, ...first, step('Price', 'price', 0n, wholesale)]
  return [
    ...list,
    ...first,
    step('Wholesale', 'cost', 0n, wholesale),
    ...sold(wholesale),
    step('Price', 'price', 0n, price),
  ]
}

function Drawing({ steps, sentence }) {
  const most = Math.max(1, ...steps.flatMap(({ from, to }) => [Number(from), Number(to)]))
  const least = Math.min(0, ...steps.flatMap(({ from, to }) => [Number(from), Number(to)]))
  const room = WIDTH - LABEL - VALUE
  const x = (nano) => LABEL + ((Number(nano) - least) / (most - least)) * room
  const height = steps.length * ROW + 8
  return (
    <div className="fb-scroll">
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={sentence}
        style={{ width: '100%', minWidth: 520, maxWidth: 980 }}
      >
        <line x1={x(0)} x2={x(0)} y1="0" y2={height} stroke="#c6cbd2" />
        {steps.map(({ label, tone, from, to, nano }, index) => {
          const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))]
          const y = index * ROW + 6
          return (
            <g key={label}>
              <text x={LABEL - 12} y={y + 16} textAnchor="end" fontSize="14" fill="#1c2127">
                {label}
              </text>
              <rect
                {...{ x: left, y, width: Math.max(2, right - left), height: ROW - 12, rx: 3 }}
                fill={tone === 'list' ? '#fff' : COLOURS[tone]}
                stroke={COLOURS[tone]}
                strokeDasharray={tone === 'list' ? '5 3' : undefined}
              />
              <text
                x={right + 8}
                y={y + 16}
                fontSize="14"
                fill="#1c2127"
                style={{ fontVariantNumeric: 'tabular-nums' }}
              >
                {tone === 'cost' || tone === 'list' || tone === 'price' || nano < 0n ? '' : '+'}
                {rateText(nano)}
              </text>
            </g>
          )
        })}
      </svg>
    </div>
  )
}
