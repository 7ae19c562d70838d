/** OWASP ASVS 5.0 and NIST SP 800-63B: length is what counts, and no rule asks for special signs. */
export const PASSWORD_LENGTH_MIN = 12
/** Longer ones would only make work. */
export const PASSWORD_LENGTH_MAX = 128
/** Fewer different signs than this are a pattern, not a password. */
const DIFFERENT_SIGNS_MIN = 5

/** What is wrong with a new password, as a sentence for whoever chose it; null = nothing. */
export function passwordProblem(password: string, of: { email: string; name: string }): string | null {
  if ([...password].length < PASSWORD_LENGTH_MIN) return `Use at least ${PASSWORD_LENGTH_MIN} characters.`
  if (password.length > PASSWORD_LENGTH_MAX) return `Use at most ${PASSWORD_LENGTH_MAX} characters.`
  if (new Set(password).size < DIFFERENT_SIGNS_MIN) return 'Use more different characters.'
  const [typed, local] = [password.toLowerCase(), of.email.split('@')[0] ?? '']
  if (typed === of.email || typed === of.name.toLowerCase() || typed === local.repeat(2)) {
    return 'Use something else than your name or e-mail address.'
  }
  return null
}
