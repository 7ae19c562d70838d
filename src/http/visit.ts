import type { Request } from 'express'
import type { Visit } from '../sign-in/sign-in-deps.ts'

/** More of a browser's name says nothing. */
const USER_AGENT_LENGTH_MAX = 300

/** From where a request comes, as signing in needs to know it. */
export function visitOf(request: Request): Visit {
  return {
    cookie: request.headers.cookie,
    userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_LENGTH_MAX),
    ip: networkOf(request.ip ?? ''),
  }
}

/** One visitor may have all addresses of an IPv6 /64 (RFC 4291): they count as one. */
function networkOf(ip: string): string {
  if (ip.startsWith('::ffff:')) return ip.slice('::ffff:'.length)
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = tail?.split(':').filter(Boolean) ?? []
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  const full = [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest]
  return `${full.slice(0, 4).join(':')}::/64`
}
