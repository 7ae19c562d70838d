import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent } from 'undici'
import { isLocalUrl, isPublicAddress } from './webhook-url.ts'

const CONNECT_TIMEOUT_MS = 5_000

/** An address that nothing is sent to. */
export class NotPublic extends Error {
  override name = 'NotPublic'
  constructor() {
    super('The name leads to an address that is not on the public internet.')
  }
}

/**
 * Looks a name up and goes on only if all that it leads to is public. The connection is made to what was looked at, so a
 * name that leads elsewhere a moment later leads nowhere.
 */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, [])
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
      return done(new NotPublic(), [])
    }
    if (options.all) return done(null, addresses)
    const [first] = addresses as [LookupAddress, ...LookupAddress[]]
    done(null, first.address, first.family)
  })
}

/** What webhooks are sent through: no redirect is followed, nothing inside is reached. */
export interface PublicAgent {
  /** @throws NotPublic for an address that is written out and is not public */
  agentFor(url: URL): Agent
  close(): Promise<void>
}

export function createPublicAgent(allowsLocal: boolean): PublicAgent {
  const open = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } })
  const guarded = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup } })
  return {
    agentFor(url) {
      if (allowsLocal && isLocalUrl(url)) return open
      // A written address is looked up nowhere.
      const host = url.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) && !isPublicAddress(host)) throw new NotPublic()
      return guarded
    },
    close: async () => {
      await Promise.all([open.destroy(), guarded.destroy()])
    },
  }
}
