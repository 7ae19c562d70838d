import type { Request, RequestHandler, Response } from 'express'
import type { Person } from '../accounts/person.ts'
import { type ChosenAccount, chosenAccount } from '../http/chosen-account.ts'
import { type Flash, takeFlash } from '../http/flash.ts'
import { personOf } from '../http/person-session.ts'
import { csrfToken } from '../http/same-origin.ts'
import { assetPath } from './assets.ts'
import { isBelow, NAVIGATION, type NavigationItem } from './navigation.ts'
import { writtenTime } from './written-time.ts'

/** What stands around a page: everything that the layout and its parts need to know besides the page's own data. */
export interface Shell {
  person: Person | null
  account: ChosenAccount | null
  navigation: (NavigationItem & { isCurrent: boolean })[]
  flash: Flash | null
  isSandbox: boolean
  /** Whether there is something for them in the back office. */
  hasBackOffice: boolean
  asset: (name: string) => string
  /** For the hidden field `_csrf`; `include('./csrf', it)` writes the whole field. */
  csrfToken: () => string
  /** A time as text, in the person's own zone where they have chosen one, else in UTC. */
  time: (time: Date | number) => string
  /** A day of UTC as text: "14 Mar 2027". */
  day: (time: Date | number) => string
}

const sandboxed = new WeakSet<Response>()

/** Marks pages of the sandbox. */
export function sandboxBanner(isSandbox: boolean): RequestHandler {
  return (_request, response, next) => {
    if (isSandbox) sandboxed.add(response)
    next()
  }
}

export function shellOf(request: Request, response: Response): Shell {
  const person = personOf(request)
  const account = chosenAccount(request)
  const path = request.baseUrl + request.path
  const shown = NAVIGATION.filter(({ roles }) => account !== null && (!roles || roles.includes(account.role)))
  return {
    person,
    account,
    navigation: shown.map((item) => ({ ...item, isCurrent: isBelow(path, item) })),
    flash: takeFlash(request, response),
    isSandbox: sandboxed.has(response),
    hasBackOffice: person !== null && worksInBackOffice(person),
    asset: assetPath,
    csrfToken: () => csrfToken(request),
    time: (time) => writtenTime(time, person?.timeZone ?? null),
    day: (time) => writtenTime(time, null).split(',')[0] as string,
  }
}

/** Staff, and members of a reseller. */
export function worksInBackOffice({ staffRole, memberships }: Person): boolean {
  return staffRole !== null || memberships.some(({ accountKind }) => accountKind === 'RESELLER')
}
