import type { CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import type { PricedCatalog } from './gateway.ts'
import { createPricePlans } from './price-plans.ts'

export interface CatalogCache {
  current(): PricedCatalog
  /** Reads the catalog anew; calls that come meanwhile are served by one more read. */
  reload(): Promise<void>
}

/** The newest catalog in process memory, with its prices compiled. */
export async function createCatalogCache(
  load: () => Promise<CatalogSnapshot>,
  operatorFeeNano: bigint,
): Promise<CatalogCache> {
  const priced = async (): Promise<PricedCatalog> => {
    const snapshot = await load()
    return { snapshot, plans: createPricePlans(snapshot, operatorFeeNano) }
  }
  let current = await priced()
  let reading: Promise<void> | null = null
  let again: Promise<void> | null = null

  async function read(): Promise<void> {
    try {
      current = await priced()
    } finally {
      reading = null
    }
  }

  return {
    current: () => current,
    reload() {
      if (!reading) {
        reading = read()
        return reading
      }
      // What is being read may be older than the change we were told of.
      again ??= reading
        .catch(() => 'its caller hears of it')
        .then(() => {
          again = null
          reading = read()
          return reading
        })
      return again
    },
  }
}
