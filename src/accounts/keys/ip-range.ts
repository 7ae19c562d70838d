import { isIPv4, isIPv6 } from 'node:net'

const MAPPED = '::ffff:'

/**
 * An address or a CIDR block as the gateway compares it; an IPv4 address in IPv6 clothing is its own self there. Null = it
 * is neither.
 */
export function normalIpRange(text: string): string | null {
  const [given = '', prefix, ...rest] = text.trim().split('/')
  const lower = given.toLowerCase()
  const address = lower.startsWith(MAPPED) && isIPv4(lower.slice(MAPPED.length)) ? lower.slice(MAPPED.length) : lower
  // A zone belongs to one machine's own interfaces.
  if (rest.length > 0 || address.includes('%') || (!isIPv4(address) && !isIPv6(address))) return null
  if (prefix === undefined) return address
  if (address !== lower || !/^\d{1,3}$/.test(prefix)) return null
  const bits = Number(prefix)
  return bits <= (isIPv4(address) ? 32 : 128) ? `${address}/${bits}` : null
}
