import { chainHash, type Entry, type EntryKind, type Movement } from './entry.ts'
import { freeNano, inDrawOrder, isDue, type Lot, type LotAmount } from './lot.ts'

/**
 * The working copy of one wallet while its row is locked: loaded, changed by decisions, then written back.
 * At every moment: balance = Σ remaining of lots − debt, and held = Σ held of lots.
 */
export interface Wallet {
  readonly accountId: string
  readonly currency: string
  balanceNano: bigint
  heldNano: bigint
  debtNano: bigint
  entrySeq: bigint
  entryHash: string
  /** The balance under which an automatic top-up is due, in nano; null = it is off. */
  readonly topUpBelowNano: bigint | null
  /** Since when a top-up has been due, in milliseconds since the epoch; null = none is. */
  topUpDueAt: number | null
  /** In draw order; only lots with credit left. */
  readonly lots: Lot[]
  /** What this batch has done, for the writer. */
  readonly changes: WalletChanges
}

export interface WalletChanges {
  wallet: boolean
  /** This batch took the balance under the threshold of an automatic top-up. */
  topUpBecameDue: boolean
  readonly newLots: NewLot[]
  readonly lots: Set<Lot>
  /** Of the changed lots, those whose expiry was moved. */
  readonly extendedLots: Set<Lot>
  readonly entries: { entry: Entry; hash: string }[]
}

export interface NewLot {
  readonly lot: Lot
  readonly sourceKind: EntryKind
  readonly sourceId: string
  readonly promotional: boolean
}

export interface EntryCause {
  kind: EntryKind
  sourceId: string
  actorId?: string | null
  reason?: string | null
}

export function unchanged(): WalletChanges {
  return { wallet: false, topUpBecameDue: false, newLots: [], lots: new Set(), extendedLots: new Set(), entries: [] }
}

/** What a new hold may reserve, in nano. Book due expiries first. */
export function availableNano(wallet: Wallet): bigint {
  let available = wallet.balanceNano + wallet.debtNano - wallet.heldNano
  for (const lot of wallet.lots) {
    if (lot.frozenNano > 0n) available -= lot.remainingNano - lot.heldNano - freeNano(lot)
  }
  return available
}

/** Appends an entry to the wallet's chain; `movements` are already applied to the lots and the debt. */
export function appendEntry(wallet: Wallet, cause: EntryCause, movements: readonly Movement[], now: number): Entry {
  const amountNano = movements.reduce((sum, movement) => sum + movement.amountNano, 0n)
  wallet.balanceNano += amountNano
  wallet.entrySeq += 1n
  const entry: Entry = {
    accountId: wallet.accountId,
    seq: wallet.entrySeq,
    kind: cause.kind,
    sourceId: cause.sourceId,
    amountNano,
    balanceAfterNano: wallet.balanceNano,
    currency: wallet.currency,
    actorId: cause.actorId ?? null,
    reason: cause.reason ?? null,
    createdAt: now,
    movements,
  }
  wallet.entryHash = chainHash(wallet.entryHash, entry)
  wallet.changes.wallet = true
  wallet.changes.entries.push({ entry, hash: wallet.entryHash })
  noteTopUp(wallet, now)
  return entry
}

/** A top-up is due from the entry on that takes the balance under the threshold, until one takes it back over. */
function noteTopUp(wallet: Wallet, now: number): void {
  if (wallet.topUpBelowNano === null) return
  const isDue = wallet.balanceNano < wallet.topUpBelowNano
  if (isDue && wallet.topUpDueAt === null) {
    wallet.topUpDueAt = now
    wallet.changes.topUpBecameDue = true
  } else if (!isDue && wallet.topUpDueAt !== null) {
    wallet.topUpDueAt = null
    wallet.changes.topUpBecameDue = false
  }
}

/** Reserves credit in draw order. The caller has seen that it is available. */
export function reserve(wallet: Wallet, amountNano: bigint): LotAmount[] {
  const reserved: LotAmount[] = []
  let missing = amountNano
  for (const lot of wallet.lots) {
    if (missing === 0n) break
    const free = freeNano(lot)
    if (free <= 0n) continue
    const taken = free < missing ? free : missing
    lot.heldNano += taken
    missing -= taken
    wallet.changes.lots.add(lot)
    reserved.push({ lotId: lot.id, amountNano: taken })
  }
  if (missing > 0n) throw new Error(`wallet ${wallet.accountId}: ${missing} nano more reserved than its lots hold`)
  wallet.heldNano += amountNano
  wallet.changes.wallet = true
  return reserved
}

/** Gives back what `reserve` took. */
export function release(wallet: Wallet, reserved: readonly LotAmount[]): void {
  for (const { lotId, amountNano } of reserved) {
    const lot = wallet.lots.find((candidate) => candidate.id === lotId)
    if (!lot) throw new Error(`wallet ${wallet.accountId}: a hold reserves lot ${lotId}, which is not open`)
    lot.heldNano -= amountNano
    wallet.heldNano -= amountNano
    wallet.changes.lots.add(lot)
  }
  wallet.changes.wallet = true
}

/**
 * Takes free credit for a charge; what the lots cannot give becomes debt. Returns the movements, all negative. What is
 * free in an expired lot is what this request's own hold just released: it goes first, as it would expire otherwise.
 * What the request had reserved of a lot it may take even if the lot has been frozen since.
 */
export function draw(wallet: Wallet, amountNano: bigint, reserved: readonly LotAmount[], now: number): Movement[] {
  const outlivedFirst = wallet.lots.toSorted((left, right) => Number(isDue(right, now)) - Number(isDue(left, now)))
  const movements = drawFree(wallet, outlivedFirst, amountNano, reserved)
  const drawn = movements.reduce((sum, movement) => sum - movement.amountNano, 0n)
  const shortfall = amountNano - drawn
  if (shortfall > 0n) {
    wallet.debtNano += shortfall
    movements.push({ lotId: null, amountNano: -shortfall })
  }
  return movements
}

/** Takes free credit from the lots in the order given, and of frozen ones what had been reserved. */
export function drawFree(
  wallet: Wallet,
  lots: readonly Lot[],
  amountNano: bigint,
  reserved: readonly LotAmount[] = [],
): Movement[] {
  const movements: Movement[] = []
  let missing = amountNano
  for (const lot of lots) {
    if (missing === 0n) break
    const own = lot.frozenNano > 0n ? reservedOf(lot, reserved) : 0n
    const free = freeNano(lot) > own ? freeNano(lot) : own
    if (free <= 0n) continue
    const taken = free < missing ? free : missing
    lot.remainingNano -= taken
    missing -= taken
    wallet.changes.lots.add(lot)
    movements.push({ lotId: lot.id, amountNano: -taken })
  }
  return movements
}

function reservedOf(lot: Lot, reserved: readonly LotAmount[]): bigint {
  return reserved.find(({ lotId }) => lotId === lot.id)?.amountNano ?? 0n
}

/** Books the expiry of every due lot's free credit: one entry a lot, caused by the lot. */
export function bookDueExpiries(wallet: Wallet, now: number): void {
  for (const lot of wallet.lots) {
    if (!isDue(lot, now)) continue
    const movement = expireFree(wallet, lot)
    if (movement) appendEntry(wallet, { kind: 'EXPIRY', sourceId: lot.id }, [movement], now)
  }
}

/** Books the expiry of credit that outlived its lot under a hold or a claim which has now released it, and is its cause. */
export function bookReleasedExpiries(wallet: Wallet, sourceId: string, now: number): void {
  const movements: Movement[] = []
  for (const lot of wallet.lots) {
    if (!isDue(lot, now)) continue
    const movement = expireFree(wallet, lot)
    if (movement) movements.push(movement)
  }
  if (movements.length > 0) appendEntry(wallet, { kind: 'EXPIRY', sourceId }, movements, now)
}

function expireFree(wallet: Wallet, lot: Lot): Movement | null {
  const free = freeNano(lot)
  if (free <= 0n) return null
  lot.remainingNano -= free
  wallet.changes.lots.add(lot)
  return { lotId: lot.id, amountNano: -free }
}

/** Adds a lot; its credit repays debt first. Returns the movements, whose sum is the lot's grant. */
export function addLot(wallet: Wallet, added: NewLot): Movement[] {
  const { lot } = added
  const movements: Movement[] = [{ lotId: lot.id, amountNano: lot.grantedNano }]
  wallet.lots.push(lot)
  wallet.lots.sort(inDrawOrder)
  wallet.changes.newLots.push(added)
  const repaid = wallet.debtNano < lot.remainingNano ? wallet.debtNano : lot.remainingNano
  if (repaid > 0n) {
    lot.remainingNano -= repaid
    wallet.debtNano -= repaid
    movements.push({ lotId: lot.id, amountNano: -repaid }, { lotId: null, amountNano: repaid })
  }
  return movements
}

/** Credit that was given back repays debt before anybody may spend it: an entry of zero that moves lot to debt. */
export function repayDebtFromFree(wallet: Wallet, sourceId: string, now: number): void {
  if (wallet.debtNano === 0n) return
  const movements = drawFree(wallet, wallet.lots, wallet.debtNano)
  if (movements.length === 0) return
  const repaid = movements.reduce((sum, movement) => sum - movement.amountNano, 0n)
  wallet.debtNano -= repaid
  movements.push({ lotId: null, amountNano: repaid })
  const reason = 'Debt repaid from credit that was released'
  appendEntry(wallet, { kind: 'ADJUSTMENT', sourceId, reason }, movements, now)
}
