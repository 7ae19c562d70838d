import React from 'react'
import { Link } from 'react-router-dom'
import { countText, exactMoney, money, percentText, shortCount } from './written.js'

/** More of these is worse. */
const COSTS = new Set(['cost'])

/** The headline figures, each with its change against the period before; each leads to the rows that it is made of. */
export function FigureCards({ cards, currency, href }) {
  return (
    <div className="fb-cards">
      {cards.map((card) => (
        <section key={card.id} className="fb-card" aria-label={card.label} data-card={card.id}>
          <span className="fb-card-label">{card.label}</span>
          <Link className="fb-card-value" to={href} title={exact(card, card.value, currency)}>
            {card.unit === 'nano' ? money(card.value, currency) : shortCount(card.value)}
          </Link>
          {card.shareBps === null ? null : <span className="fb-quiet">{percentText(card.shareBps)} of revenue</span>}
          <Change card={card} currency={currency} />
        </section>
      ))}
    </div>
  )
}

const exact = ({ unit }, digits, currency) => (unit === 'nano' ? exactMoney(digits, currency) : countText(digits))

function Change({ card, currency }) {
  const { changeBps, before } = card
  const title = `Before: ${exact(card, before, currency)}`
  if (changeBps === null) {
    return (
      <span className="fb-quiet" title={title}>
        {card.value === '0' ? 'none before either' : 'none before'}
      </span>
    )
  }
  const isUp = Number(changeBps) > 0
  const isSame = Number(changeBps) === 0
  const isGood = isUp !== COSTS.has(card.id)
  return (
    <span className={`fb-quiet ${isSame ? '' : isGood ? 'fb-up' : 'fb-down'}`} title={title}>
      {isSame ? 'as before' : `${isUp ? '▲' : '▼'} ${percentText(changeBps, { isSigned: true })}`}
    </span>
  )
}
