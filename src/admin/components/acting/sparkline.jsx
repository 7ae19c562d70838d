import React from 'react'
import { amountText } from '../amount-text.js'
import { Folded, Money, Table } from './page-parts.jsx'

const WIDTH = 300
const HEIGHT = 48

/** What was used on each of the last days, as bars from zero; the same in a table. */
export function Sparkline({ days, currency, label }) {
  const amounts = days.map(({ spentNano }) => BigInt(spentNano))
  const most = amounts.reduce((largest, amount) => (amount > largest ? amount : largest), 0n)
  const sum = amounts.reduce((total, amount) => total + amount, 0n)
  const text = `${label} in the last ${days.length} days (UTC): ${amountText(String(sum), { kind: 'nano', digits: 'request', currency })}`
  const width = WIDTH / days.length
  // Only the height of a bar is a fraction, no amount.
  const heightOf = (amount) => (most === 0n ? 0 : Number((amount * 1000n) / most) * (HEIGHT / 1000))
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={text}
        style={{ width: '100%', maxWidth: 480, height: 64, background: '#f3f5f8', borderRadius: 4 }}
        preserveAspectRatio="none"
      >
        {amounts.map((amount, index) => (
          <rect
            key={days[index].day}
            x={index * width + 1}
            width={width - 2}
            y={HEIGHT - heightOf(amount)}
            height={heightOf(amount)}
            fill="#2a4bd7"
          />
        ))}
      </svg>
      <span>{text}</span>
      {sum === 0n ? null : (
        <Folded title="By day">
          <Table
            caption={`${label} by day`}
            rows={days.filter(({ requests }) => requests !== '0')}
            keyOf={({ day }) => day}
            columns={[
              { title: 'Day (UTC)', of: ({ day }) => day },
              { title: 'Requests', isAmount: true, of: ({ requests }) => requests },
              { title: 'Spent', isAmount: true, of: ({ spentNano }) => <Money nano={spentNano} currency={currency} /> },
            ]}
          />
        </Folded>
      )}
    </div>
  )
}
