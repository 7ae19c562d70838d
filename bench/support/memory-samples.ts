import { residentBytes } from './process-usage.ts'
import type { Target } from './target.ts'

export interface MemorySample {
  atMs: number
  residentBytes: number
  /** From `nodejs_heap_size_used_bytes` at `/metrics`; null for a target without it. */
  heapBytes: number | null
}

const SAMPLE_MS = 250

/** Takes samples until `end` is called; there are always at least two, the first and the last. */
export function sampleMemory(target: Target): { end(): Promise<MemorySample[]> } {
  const samples: MemorySample[] = []
  let isOver = false
  const take = async () => {
    const heapBytes = await readHeap(target)
    samples.push({ atMs: performance.now(), residentBytes: residentBytes(target.pid) ?? Number.NaN, heapBytes })
  }
  const loop = (async () => {
    while (!isOver) {
      await take()
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
    }
    await take()
  })()
  return {
    async end() {
      isOver = true
      await loop
      return samples
    },
  }
}

async function readHeap(target: Target): Promise<number | null> {
  if (target.name !== 'farebox') return null
  try {
    const text = await (await fetch(`http://127.0.0.1:${target.port}/metrics`)).text()
    const match = /^nodejs_heap_size_used_bytes(?:\{[^}]*\})? ([0-9.e+]+)$/m.exec(text)
    return match ? Number(match[1]) : null
  } catch {
    return null
  }
}

/** Slope of the least-squares line, or null when there are too few figures. */
export function slopePerMs(samples: MemorySample[], pick: (sample: MemorySample) => number | null): number | null {
  const points = samples.map((sample) => ({ x: sample.atMs, y: pick(sample) })).filter((point) => point.y !== null)
  if (points.length < 3) return null
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, { y }) => sum + (y ?? 0), 0) / points.length
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * ((y ?? 0) - meanY), 0)
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  return variance > 0 ? covariance / variance : null
}
