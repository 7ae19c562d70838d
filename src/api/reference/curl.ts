import type { ParameterObject } from '../openapi/document.ts'

interface Asked {
  url: string
  path: string
  method: string
  parameters: readonly Exclude<ParameterObject, { $ref: string }>[]
  body: unknown
  /** Anybody may call. */
  isOpen: boolean
}

/**
 * A command that can be pasted: with `FAREBOX_API_KEY` in the environment, and for what a path names without an example a
 * variable called like it, such as `ID`.
 */
export function curlFor({ url, path, method, parameters, body, isOpen }: Asked): string {
  const place = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const example = parameters.find((parameter) => parameter.name === name)?.example
    return example === undefined ? `$${name.toUpperCase()}` : encodeURIComponent(String(example))
  })
  const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
  const search = query.map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`).join('&')
  const lines = [`curl "${url}${place}${search === '' ? '' : `?${search}`}"`]
  if (method !== 'get') lines.push(`-X ${method.toUpperCase()}`)
  if (!isOpen) lines.push('-H "Authorization: Bearer $FAREBOX_API_KEY"')
  if (body !== undefined) lines.push(`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(body))}`)
  return lines.join(' \\\n  ')
}

/** For a POSIX shell: nothing within is special but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
