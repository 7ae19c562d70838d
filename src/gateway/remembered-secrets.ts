/** Holders kept in memory; beyond this the memory is emptied and filled anew by use. */
const HOLDERS_MAX = 100_000
/** Unknown secrets remembered, so that a client that keeps trying a wrong one costs no query each time. */
const UNKNOWN_MAX = 10_000

export interface RememberedSecrets<Holder> {
  /** The holder, if in memory. */
  known(secretHash: string): Holder | undefined
  /** The holder by the SHA-256 (hex) of the secret, from memory or the database; null = there is none. */
  find(secretHash: string): Promise<Holder | null>
  /** Forgets everything. */
  forget(): void
  /** While nothing would tell of changes, nothing may be kept. */
  setTrusted(trusted: boolean): void
}

/** Who holds which secret, in process memory until told to forget. */
export function rememberSecrets<Holder>(
  read: (secretHash: string) => Promise<Holder | null>,
): RememberedSecrets<Holder> {
  const holders = new Map<string, Holder>()
  const unknown = new Set<string>()
  let generation = 0
  let trusted = false

  async function load(secretHash: string): Promise<Holder | null> {
    const before = generation
    const holder = await read(secretHash)
    // A change that was told while we asked may be newer than what we read.
    if (trusted && generation === before) remember(secretHash, holder)
    return holder
  }

  function remember(secretHash: string, holder: Holder | null): void {
    if (holder !== null) {
      if (holders.size >= HOLDERS_MAX) holders.clear()
      holders.set(secretHash, holder)
    } else {
      if (unknown.size >= UNKNOWN_MAX) unknown.clear()
      unknown.add(secretHash)
    }
  }

  function forget(): void {
    generation += 1
    holders.clear()
    unknown.clear()
  }

  return {
    known: (secretHash) => holders.get(secretHash),
    find: async (secretHash) => holders.get(secretHash) ?? (unknown.has(secretHash) ? null : await load(secretHash)),
    forget,
    setTrusted(now) {
      trusted = now
      forget()
    },
  }
}
