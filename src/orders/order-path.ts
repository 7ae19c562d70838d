/** The page that shows how an order stands. Its id is random enough to be known only to those who were told it. */
export function orderPath(orderId: string): string {
  return `/credits/orders/${orderId}/receipt`
}

/** Where an automatic charge that its bank wants confirmed is taken to the payment page. */
export function confirmTopUpPath(orderId: string): string {
  return `/credits/orders/${orderId}/confirm`
}

/** Where automatic top-up is resumed with a new card. The consent it rested on is known to nobody else, and is replaced by it. */
export function resumeTopUpPath(consentId: string): string {
  return `/credits/top-up/${consentId}/resume`
}

/** Where the browser comes back to after a card was saved. */
export function cardSavedPath(): string {
  return '/credits/card-saved'
}
