import { COMPLETION_TOKENS_MAX } from './behaviour.ts'

/**
 * Wishes written as words into the last user message, so that a fault can be tried from curl:
 * `[[sandbox:error=503]] [[sandbox:disconnect=3]] [[sandbox:tokens=200]] [[sandbox:latency=500]]
 * [[sandbox:chunk-delay=50]] [[sandbox:usage=omit]] [[sandbox:usage=last-choice]] [[sandbox:cap=ignore]]`
 */
export interface Markers {
  errorStatus?: number
  /** Content chunks to send before the socket is destroyed; 0 destroys it before the first byte. */
  disconnectAfterChunks?: number
  completionTokens?: number
  latencyMs?: number
  chunkDelayMs?: number
  usage?: 'omit' | 'last-choice'
  isCapIgnored?: boolean
}

const MARKER = /\[\[sandbox:([a-z-]+)=([a-z0-9-]+)\]\]/g
const DELAY_MS_MAX = 300_000

/** Markers found in a text; unknown names and senseless values are left alone, as a provider would. */
export function readMarkers(text: string): Markers {
  const markers: Markers = {}
  if (!text.includes('[[sandbox:')) return markers
  for (const [, name, value] of text.matchAll(MARKER)) apply(markers, name ?? '', value ?? '')
  return markers
}

function apply(markers: Markers, name: string, value: string): void {
  if (name === 'usage' && (value === 'omit' || value === 'last-choice')) markers.usage = value
  if (name === 'cap' && value === 'ignore') markers.isCapIgnored = true
  if (!/^\d{1,6}$/.test(value)) return
  const number = Number(value)
  if (name === 'error' && number >= 400 && number <= 599) markers.errorStatus = number
  if (name === 'disconnect') markers.disconnectAfterChunks = number
  if (name === 'tokens') markers.completionTokens = Math.min(number, COMPLETION_TOKENS_MAX)
  if (name === 'latency') markers.latencyMs = Math.min(number, DELAY_MS_MAX)
  if (name === 'chunk-delay') markers.chunkDelayMs = Math.min(number, DELAY_MS_MAX)
}
