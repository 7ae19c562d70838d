import type { Pool } from 'pg'

/** Accounts that one statement asks for; more wait for the next. */
const ACCOUNTS_PER_READ_MAX = 1_000

const BALANCES = 'SELECT account_id, balance_nano FROM wallet WHERE account_id = ANY ($1::uuid[])'

interface Waiting {
  accountId: string
  resolve: (balanceNano: bigint) => void
  reject: (error: unknown) => void
}

/**
 * Reads balances of many accounts for many who wait, in one statement after the other: whoever asks while one is under way
 * gets their answer from the next, so that a balance is never older than its question.
 * @returns an account's balance in nano, holds included; 0 where there is no wallet
 */
export function createBalanceReader(pool: Pool): (accountId: string) => Promise<bigint> {
  let waiting: Waiting[] = []
  let isReading = false

  async function readAll(): Promise<void> {
    isReading = true
    while (waiting.length > 0) {
      const asked = waiting.slice(0, ACCOUNTS_PER_READ_MAX)
      waiting = waiting.slice(ACCOUNTS_PER_READ_MAX)
      try {
        const balances = await read([...new Set(asked.map(({ accountId }) => accountId))])
        for (const { accountId, resolve } of asked) resolve(balances.get(accountId) ?? 0n)
      } catch (error) {
        for (const { reject } of asked) reject(error)
      }
    }
    isReading = false
  }

  async function read(accountIds: string[]): Promise<Map<string, bigint>> {
    const { rows } = await pool.query<[string, string]>({
      ...{ name: 'balances', text: BALANCES, values: [accountIds], rowMode: 'array' },
    })
    return new Map(rows.map(([accountId, balanceNano]) => [accountId, BigInt(balanceNano)]))
  }

  return (accountId) =>
    new Promise((resolve, reject) => {
      waiting.push({ accountId, resolve, reject })
      if (!isReading) void readAll()
    })
}
