const PATH_LENGTH_MAX = 1_000
/** Only there to take a path apart; it is never asked. */
const BASE = 'http://farebox.invalid'

/**
 * Where somebody goes on after signing in: a path of ours, whatever the address named.
 * @returns `fallback` for everything that a browser could take for another site
 */
export function nextPath(given: unknown, fallback: string): string {
  if (typeof given !== 'string' || given.length > PATH_LENGTH_MAX) return fallback
  // Browsers drop tabs and line breaks and take \ for /, so that much that looks like a path is another host.
  if (!/^\/(?![/\\])[!-~]*$/.test(given) || given.includes('\\')) return fallback
  const url = new URL(given, BASE)
  if (url.origin !== BASE || url.pathname.startsWith('//')) return fallback
  return url.pathname + url.search
}
