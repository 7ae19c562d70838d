import type { Response } from 'express'

/** Amounts and counts travel as digits: a JSON number is a float, and would round them. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? each.toString() : each))
}

/** Answers with JSON in which each bigint is digits. */
export function sendExact(response: Response, value: unknown, status = 200): void {
  response.status(status).type('json').send(exactJson(value))
}
