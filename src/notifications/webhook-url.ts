import { BlockList, isIP, isIPv4 } from 'node:net'

const URL_LENGTH_MAX = 500

/** IPv4 that is not of the public internet (IANA special-purpose registry). */
const NOT_PUBLIC = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(address, bits, 'ipv4')
}

/** The only IPv6 that is handed out (RFC 4291), less what in it leads elsewhere: Teredo, ORCHID, documentation, 6to4. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
const NOT_GLOBAL = new BlockList()
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_GLOBAL.addSubnet(address, bits, 'ipv6')
}

/** Whether an address is one of the public internet: none of this machine, of its networks, or of a cloud's innards. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC.check(address, 'ipv4')
  return isIP(address) === 6 && GLOBAL.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6')
}

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Names that no public resolver answers, but the one of our network may. */
const INNER_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|arpa)$/

/** Whether it is this machine itself, where the sandbox may send to. */
export function isLocalUrl(url: URL): boolean {
  return LOCAL_HOSTS.has(url.hostname)
}

/**
 * What is wrong with an address for webhooks, in a sentence; null = nothing, as far as it can be told without asking for
 * the name's addresses. Those are looked at each time something is sent.
 * @param allowsLocal in the sandbox, this machine itself may be told, by http too
 */
export function webhookUrlProblem(text: string, allowsLocal: boolean): string | null {
  if (text.length > URL_LENGTH_MAX) return `Enter at most ${URL_LENGTH_MAX} characters.`
  if (!URL.canParse(text)) return 'Enter a full address such as https://example.com/webhooks.'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    return 'Leave user name and password out: the signature proves who sends.'
  if (allowsLocal && isLocalUrl(url) && (url.protocol === 'http:' || url.protocol === 'https:')) return null
  if (url.protocol !== 'https:') {
    return `Enter an address that begins with https://${allowsLocal ? ', or http://localhost' : ''}.`
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const isReachable = isIP(host) ? isPublicAddress(host) : host.includes('.') && !INNER_NAME.test(host)
  return isReachable ? null : 'Enter an address on the public internet.'
}
