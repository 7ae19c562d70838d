import { amountText, exactAmount } from '../amount-text.js'

/** A whole number in groups of three; digits only. */
export const countText = (digits) => String(digits).replace(/\B(?=(\d{3})+$)/g, ',')

/** "1.2M" for a headline; the exact number stands beside it. */
export function shortCount(digits) {
  const number = Number(digits)
  if (Math.abs(number) < 100_000) return countText(digits)
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(number)
}

/** Basis points as a percentage with one digit: 1253 is "12.5 %". */
export function percentText(bps, { isSigned = false } = {}) {
  if (bps === null || bps === undefined) return '–'
  const number = Number(bps) / 100
  const text = Math.abs(number) >= 1_000 ? countText(Math.round(number)) : number.toFixed(1)
  return `${isSigned && number > 0 ? '+' : ''}${text} %`
}

export const money = (digits, currency, of = 'balance') =>
  amountText(String(digits), { kind: 'nano', digits: of, currency })
export const exactMoney = (digits, currency) => exactAmount(String(digits), { kind: 'nano', currency })

/** For drawing alone: nothing is added up from it. */
export const drawn = (nano) => Number(nano) / 1e9

/** 2026-11-21, of UTC. */
export const dayText = (at) => new Date(at).toISOString().slice(0, 10)

/** 2026-11-21 14:00, of UTC. */
export const timeText = (at) => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** A half-open span as people read it: its first and its last day, or its instants where it ends within a day. */
export function spanText({ from, to }) {
  const isWhole = to % 86_400_000 === 0
  return isWhole ? `${dayText(from)} to ${dayText(to - 1)} (UTC)` : `${dayText(from)} to ${timeText(to - 1)} (UTC)`
}
