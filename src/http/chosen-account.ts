import type { Request, Response } from 'express'
import type { MemberRole } from '../accounts/actor.ts'
import type { PersonMembership } from '../accounts/person.ts'
import { cookieName, cookieOptions, readCookie } from './cookies.ts'
import { PageError } from './page-error.ts'
import { personOf, signedInPerson } from './person-session.ts'

/** The account that a page is about, and what the person may do in it. */
export type ChosenAccount = PersonMembership

const YEAR_MS = 365 * 86_400_000

/**
 * The account that the signed-in person has chosen, or their first one. The cookie only names it: whether they belong to
 * it is looked up at each request.
 * @param roles who may; none given = every member
 * @throws PageError where nobody is signed in, they belong to no account, or their role does not let them
 */
export function accountOf(request: Request, roles?: readonly MemberRole[]): ChosenAccount {
  signedInPerson(request)
  const chosen = chosenAccount(request)
  if (chosen === null) throw new PageError('no account')
  if (roles && !roles.includes(chosen.role)) throw new PageError('not allowed')
  return chosen
}

/** The same without a refusal; null = nobody is signed in, or they belong to no account. */
export function chosenAccount(request: Request): ChosenAccount | null {
  const memberships = personOf(request)?.memberships ?? []
  const named = [true, false].map((isSecure) => readCookie(request, cookieName('account', isSecure)))
  return memberships.find(({ accountId }) => named.includes(accountId)) ?? memberships[0] ?? null
}

/**
 * Remembers the choice in the browser.
 * @throws PageError where the person does not belong to that account, as if there were none
 */
export function chooseAccount(request: Request, response: Response, accountId: string, isSecure: boolean): void {
  const { memberships } = signedInPerson(request)
  if (!memberships.some((membership) => membership.accountId === accountId)) throw new PageError('not found')
  response.cookie(cookieName('account', isSecure), accountId, { ...cookieOptions(isSecure), maxAge: YEAR_MS })
}
