/** A slip of the keyboard is a change or two; beyond a third of the word it is another word. */
const EDITS_MAX = 2

/** The one of the names that was probably meant, or undefined. */
export function closestName(written: string, names: Iterable<string>): string | undefined {
  let closest: string | undefined
  let fewest = Math.min(EDITS_MAX, Math.ceil(written.length / 3)) + 1
  for (const name of names) {
    const edits = editsBetween(written.toLowerCase(), name.toLowerCase(), fewest)
    if (edits < fewest) {
      closest = name
      fewest = edits
    }
  }
  return closest
}

/** " (did you mean "x"?)", or nothing. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const closest = closestName(written, names)
  return closest === undefined ? '' : ` (did you mean ${JSON.stringify(closest)}?)`
}

/** Levenshtein's distance; gives up at `limit`. */
function editsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
