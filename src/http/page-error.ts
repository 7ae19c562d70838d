/** Why a page is refused: each has its status and its words at the edge. */
export type PageRefusal = 'not found' | 'not allowed' | 'no account' | 'forged' | 'signed out' | 'too large'

export const PAGE_STATUS: Readonly<Record<PageRefusal, number>> = {
  'not found': 404,
  'not allowed': 403,
  'no account': 403,
  forged: 403,
  'signed out': 401,
  'too large': 413,
}

/** Ends a request for a page with a page that says why. Somebody else's row is `not found`, as if there were none. */
export class PageError extends Error {
  override name = 'PageError'
  readonly refusal: PageRefusal
  readonly status: number

  constructor(refusal: PageRefusal) {
    super(`The page was refused: ${refusal}.`)
    this.refusal = refusal
    this.status = PAGE_STATUS[refusal]
  }
}
