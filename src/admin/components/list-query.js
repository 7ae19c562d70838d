const KEPT = /^(filters\.[A-Za-z0-9]+(~~(from|to))?|sortBy|direction)$/

/** Of a list's address what makes the list: filters and order, not the page. */
export function listQuery(search) {
  const kept = [...new URLSearchParams(search)].filter(([name, value]) => KEPT.test(name) && value !== '')
  return kept.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}
