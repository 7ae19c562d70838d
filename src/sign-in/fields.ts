import { z } from 'zod'

/** RFC 5321: 64 + 1 + 255. */
const EMAIL_LENGTH_MAX = 320
const NAME_LENGTH_MAX = 100

/** One spelling for one address. */
export const email = z.string().trim().toLowerCase().max(EMAIL_LENGTH_MAX).pipe(z.email())

/** What a person or an account is called: one line. */
export const shortName = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u)
