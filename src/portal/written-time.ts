const shapes = new Map<string, Intl.DateTimeFormat>()
const SHAPES_MAX = 600

/** A time for a person: "14 Mar 2027, 09:30 UTC"; in their own zone where they have chosen one. */
export function writtenTime(time: Date | number, timeZone: string | null): string {
  const zone = timeZone ?? 'UTC'
  const parts = Object.fromEntries(
    shapeOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  )
  const { day, month, year, hour, minute, timeZoneName } = parts
  return `${day} ${month} ${year}, ${hour}:${minute} ${zone === 'UTC' ? 'UTC' : timeZoneName}`
}

function shapeOf(timeZone: string): Intl.DateTimeFormat {
  let shape = shapes.get(timeZone)
  if (!shape) {
    if (shapes.size >= SHAPES_MAX) shapes.clear()
    shape = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, day: 'numeric', month: 'short', year: 'numeric' },
      ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
    })
    shapes.set(timeZone, shape)
  }
  return shape
}
