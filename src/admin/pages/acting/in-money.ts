import { NANO_PER_CENT } from '../../../money/nano.ts'

/** As the pages write amounts: "1,250.00 USD", exactly. */
export function inMoney(amountMinor: bigint, currency: string): string {
  return nanoInMoney(amountMinor * NANO_PER_CENT, currency)
}

/** Credits, exactly: two to nine digits. */
export function nanoInMoney(nano: bigint, currency: string): string {
  const magnitude = (nano < 0n ? -nano : nano).toString().padStart(10, '0')
  const fraction = magnitude.slice(-9).replace(/0+$/, '').padEnd(2, '0')
  const whole = magnitude.slice(0, -9).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${nano < 0n ? '-' : ''}${whole}.${fraction} ${currency}`
}
