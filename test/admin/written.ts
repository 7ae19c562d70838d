/** A value as it comes over the wire: amounts and times are texts there. */
export type Written<T> = T extends bigint | Date
  ? string
  : T extends readonly (infer Each)[]
    ? Written<Each>[]
    : T extends object
      ? { [Name in keyof T]: Written<T[Name]> }
      : T

/** What an answer says, as a type knows it. */
export async function bodyOf<T>(response: Response): Promise<Written<T>> {
  return (await response.json()) as Written<T>
}
