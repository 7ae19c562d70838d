import type { CookieOptions, Request, Response } from 'express'

/** The value of a cookie as the browser sent it; null = it sent none. */
export function readCookie(request: Request, name: string): string | null {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}

/** For the server's eyes only, and sent along with nothing that another site's page makes the browser send. */
export function cookieOptions(isSecure: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' }
}

/** Browsers refuse such a name without `Secure`, so nobody in between can plant one. */
export function cookieName(name: string, isSecure: boolean): string {
  return `${isSecure ? '__Secure-' : ''}farebox.${name}`
}

/** Hands on cookies that are finished headers. */
export function appendCookies(response: Response, cookies: readonly string[]): void {
  for (const cookie of cookies) response.append('set-cookie', cookie)
}
