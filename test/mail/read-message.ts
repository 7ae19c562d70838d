import assert from 'node:assert'

/** A message as its receiver reads it (RFC 5322, 2045, 2047): as much as the mails of Farebox need. */
export interface ReadMessage {
  /** By lower-case name, unfolded and decoded; a name that occurs twice has both values. */
  headers: Map<string, string[]>
  text: string
  html: string
}

export function readMessage(source: string): ReadMessage {
  const { headers, body } = split(source)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '')?.[1]
  assert(boundary, 'a message of several parts names its boundary')
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')))
  const partOf = (type: string) => {
    const part = parts.find((one) => one.headers.get('content-type')?.[0]?.startsWith(type))
    assert(part, `a message has a part ${type}`)
    return decoded(part.body, part.headers.get('content-transfer-encoding')?.[0] ?? '7bit')
  }
  return { headers, text: partOf('text/plain'), html: partOf('text/html') }
}

function split(source: string): { headers: Map<string, string[]>; body: string } {
  const end = source.indexOf('\r\n\r\n')
  const headers = new Map<string, string[]>()
  for (const line of source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), words(value)])
  }
  return { headers, body: source.slice(end + 4) }
}

/** Encoded words: =?UTF-8?Q?=E2=82=AC5?= and =?UTF-8?B?4oKsNQ==?=. */
function words(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?')
  return joined.replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_all, encoding: string, encoded: string) =>
    encoding.toLowerCase() === 'b'
      ? Buffer.from(encoded, 'base64').toString('utf8')
      : decoded(encoded.replaceAll('_', ' '), 'quoted-printable'),
  )
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n')
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n')
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}
