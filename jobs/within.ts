/** Something took longer than it may. */
export class TookTooLong extends Error {
  override name = 'TookTooLong'
}

/**
 * The work's result, if it comes within the time, in milliseconds. Work that does not goes on unattended.
 * @throws TookTooLong
 */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong(`${what} took longer than ${timeoutMs} ms.`)), timeoutMs)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
