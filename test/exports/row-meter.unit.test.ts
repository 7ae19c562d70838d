import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createRowMeter } from '../../src/exports/row-meter.ts'

/** In pieces of so many bytes, wherever that cuts. */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const content = Buffer.from(text)
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

async function measured(format: 'csv' | 'json' | 'jsonl', text: string, size = 3) {
  const meter = createRowMeter(format, () => Promise.resolve())
  const passed: Buffer[] = []
  for await (const chunk of meter.pass(pieces(text, size))) passed.push(chunk)
  return { text: Buffer.concat(passed).toString(), ...meter.figures() }
}

describe('rows are counted', () => {
  test.each([1, 2, 3, 7, 1_000])(
    'in a CSV without its header and with line ends in cells, %i bytes at a time',
    async (size) => {
      const text = 'time,agent\n1,"a ""b""\nc"\n2,"\n\n"\n3,plain\n'
      expect(await measured('csv', text, size)).toMatchObject({ rows: 3, text })
    },
  )

  test.each([
    ['json', '[]\n', 0],
    ['json', '[{"a":"\\""}\n,{"a":"\\n"}\n]\n', 2],
    ['jsonl', '', 0],
    ['jsonl', '{"a":"\\""}\n{"a":"\\n"}\n', 2],
    ['csv', '', 0],
    ['csv', 'header\n', 0],
  ] as const)('in %s %j: %i', async (format, text, rows) => {
    expect(await measured(format, text)).toMatchObject({ rows })
  })
})

test('size and hash are those of the bytes that passed', async () => {
  const text = 'time,agent\n1,ü\n'
  const { sizeBytes, sha256 } = await measured('csv', text)
  expect([sizeBytes, sha256.toString('hex')]).toEqual([Buffer.byteLength(text), hash('sha256', text)])
})

test('a report that fails ends the file, and its source is let go', async () => {
  let released = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.from('row\n'.repeat(1_000))
    } finally {
      released = true
    }
  }
  const reports: number[] = []
  const meter = createRowMeter('jsonl', (rows) => {
    reports.push(rows)
    return reports.length < 3 ? Promise.resolve() : Promise.reject(new Error('taken over'))
  })
  const drain = async () => {
    for await (const _ of meter.pass(endless()));
  }
  await expect(drain()).rejects.toThrow('taken over')
  expect([reports, released]).toEqual([[5_000, 10_000, 15_000], true])
})
