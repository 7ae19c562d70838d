const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-farebox-admin': '1' }
const UNREACHABLE = 'The answer did not arrive. Look whether it was done before you send it again.'

/** A refusal, with the field at fault where there is one. */
export class Refusal extends Error {
  constructor({ message, field = null, code = null }, status) {
    super(message)
    Object.assign(this, { field, code, status })
  }
}

/** What a page shows, read anew. */
export function readView(name, asked = {}, signal = undefined) {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined && value !== null)
  return answerOf(`/admin/data/acting/${name}?${new URLSearchParams(given)}`, { signal, headers })
}

/** Sends a form once; whoever sends it again with the same key does nothing twice. */
export function sendAct(name, form) {
  return answerOf(`/admin/data/acting/${name}`, { method: 'POST', headers, body: JSON.stringify(form) })
}

async function answerOf(address, init) {
  const response = await fetch(address, init).catch((error) => {
    throw error.name === 'AbortError' ? error : new Refusal({ message: UNREACHABLE }, 0)
  })
  const body = await response.json().catch(() => ({}))
  if (response.ok) return body
  if (response.status === 401)
    window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`)
  throw new Refusal({ message: 'Something failed here. Try again in a moment.', ...body }, response.status)
}

/** Names what a form does, from when it is opened. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A file as the server takes it. */
export async function fileOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let binary = ''
  // In pieces: a call has only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return { name: file.name, type: file.type, content: btoa(binary) }
}
