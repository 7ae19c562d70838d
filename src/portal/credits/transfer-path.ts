/** The page that says how a bank transfer is made, for members of the account. */
export function transferPath(orderId: string): string {
  return `/bank-transfers/${orderId}`
}
