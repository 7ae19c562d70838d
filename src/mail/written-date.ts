const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' })
const TIME = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' })

/** An instant as people write it: "14 March 2027, 09:30 UTC". */
export function writtenInstant(instant: string): string {
  const date = new Date(instant)
  return `${DAY.format(date)}, ${TIME.format(date)} UTC`
}

/** The day of an instant: "14 March 2027 (UTC)". */
export function writtenDay(instant: string): string {
  return `${DAY.format(new Date(instant))} (UTC)`
}
