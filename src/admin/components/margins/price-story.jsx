import React from 'react'
import { dayText, percentText, timeText } from '../dashboard/written.js'
import { Badge } from '../state.jsx'
import { figureOf, plainTerms, rateText } from './words.js'

const KINDS = { COST_PROFILE: 'Cost', LIST_PRICE: 'List price', PRICE_RULE: 'Price rule', RETIRE_RULE: 'Rule ended' }

/** What the price will be: each later instant at which its figures change. */
export function UpcomingPrices({ row, side }) {
  if (row.upcoming.length === 0) return null
  const priceOf = (figure) => (side === 'OPERATOR' ? figure?.wholesaleNano : figure?.priceNano)
  return (
    <section className="fb-box" aria-label="Changes ahead">
      <h2>Changes ahead</h2>
      <div className="fb-scroll">
        <table className="fb-table">
          <caption>USD per million tokens from each instant on (UTC)</caption>
          <thead>
            <tr>
              {['From', 'Input', 'Margin', 'Output', 'Margin'].map((title, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns have one name.
                <th key={index} scope="col" className={index === 0 ? '' : 'fb-num'}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {row.upcoming.map(({ at, price }) => (
              <tr key={at}>
                <th scope="row">
                  <time dateTime={at}>{timeText(at)}</time>
                </th>
                {['input', 'output'].map((kind) => (
                  <React.Fragment key={kind}>
                    <td className="fb-num">{rateText(priceOf(figureOf(price, kind)))}</td>
                    <td className="fb-num">{percentText(figureOf(price, kind)?.marginBps)}</td>
                  </React.Fragment>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** Every version that there was, with who, when and why. */
export function PriceStory({ story, now }) {
  const stateOf = ({ kind, effectiveFrom, retiredAt }) => {
    if (kind === 'RETIRE_RULE') return null
    if (Date.parse(effectiveFrom) > now) return { word: 'Ahead', tone: 'waiting' }
    return retiredAt !== null && Date.parse(retiredAt) <= now ? { word: 'Ended', tone: 'over' } : null
  }
  return (
    <section className="fb-box" aria-label="History">
      <h2>History</h2>
      {story.length === 0 ? (
        <p className="fb-quiet" style={{ margin: 0 }}>
          No version was written yet.
        </p>
      ) : (
        <div className="fb-scroll">
          <table className="fb-table" data-table="story">
            <caption>Versions, the newest first (UTC)</caption>
            <thead>
              <tr>
                {['Written', 'What', 'Figures', 'From', 'By', 'Why'].map((title) => (
                  <th key={title} scope="col" className={title === 'Why' ? 'fb-wide' : ''}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {story.map((item) => {
                const state = stateOf(item)
                return (
                  <tr key={`${item.kind} ${item.versionId}`}>
                    <td style={{ whiteSpace: 'nowrap' }}>
                      <time dateTime={item.createdAt}>{timeText(item.createdAt)}</time>
                    </td>
                    <th scope="row" style={{ fontWeight: 500 }}>
                      {KINDS[item.kind]}
                      <span className="fb-quiet" style={{ display: 'block' }}>
                        {[item.seller, item.account, item.plan, item.model, item.provider, item.upstreamModel]
                          .filter(Boolean)
                          .join(' · ') || 'everything'}
                      </span>
                    </th>
                    <td style={{ minWidth: 150 }}>{plainTerms(item.terms)}</td>
                    <td style={{ whiteSpace: 'nowrap' }}>
                      <time dateTime={item.effectiveFrom}>{dayText(item.effectiveFrom)}</time>
                      {state ? <Badge word={state.word} tone={state.tone} /> : null}
                    </td>
                    <td>{item.by ?? 'Catalog file'}</td>
                    <td className="fb-wide" style={{ minWidth: 140, overflowWrap: 'anywhere' }}>
                      {item.reason ?? item.source ?? '–'}
                      {item.breaches.length > 0 ? (
                        <span className="fb-quiet" style={{ display: 'block' }}>
                          Acknowledged: {item.breaches.join('; ')}
                        </span>
                      ) : null}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
