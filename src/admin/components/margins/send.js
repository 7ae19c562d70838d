const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-farebox-admin': '1' }
const FAILED = 'Something failed here. Try again in a moment.'

/** Names what a form does, from when it is opened: who sends it again does nothing twice. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Sends a form; answers what the server says, also where it refuses. */
export async function send(address, body, signal) {
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body), signal })
  const said = await response.json().catch(() => ({}))
  if (response.ok) return said
  return {
    ok: false,
    reason: 'failed',
    message: response.status === 403 ? 'Your role does not let you do this.' : FAILED,
    ...said,
  }
}

/**
 * Runs a simulation, line by line as the server tells of it. Ending the signal ends the work there.
 * @returns the last line: `{simulation}`, `{refusal}` or `{fault}`
 */
export async function runSimulation(body, { signal, onProgress }) {
  const response = await fetch('/admin/data/margins/simulations', {
    ...{ method: 'POST', headers, body: JSON.stringify(body), signal },
  })
  if (!response.ok) {
    const said = await response.json().catch(() => ({}))
    if (said.reason === 'busy') return { fault: 'Other simulations are running. Try again in a minute.' }
    return said.problems ? { refusal: said } : { fault: FAILED }
  }
  let last = null
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    rest += value
    const lines = rest.split('\n')
    rest = lines.pop()
    for (const line of lines) {
      last = JSON.parse(line)
      if (last.eventsTotal !== undefined) onProgress(last)
    }
  }
  return last?.eventsTotal === undefined && last !== null ? last : { fault: 'The simulation broke off. Try again.' }
}
