import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../../bench/support/histogram.ts'
import { ReplyParser } from '../../bench/support/reply-parser.ts'

const COUNTED = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"a":"\r\n\r\n"}'
const EMPTY = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nConnection: close\r\n\r\n'
const CHUNKED =
  'HTTP/1.1 429 No\r\nTransfer-Encoding: chunked\r\n\r\n19;x=9\r\ndata: 0\r\n\r\n0123456789abcd\r\n2\r\n\r\n\r\n0\r\n\r\n'
const WITH_TRAILER = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nB\r\nhello world\r\n0\r\nx-end: yes\r\n\r\n'

test('the load generator finds the end of each reply wherever the network cuts them', () => {
  const bytes = Buffer.from(COUNTED + CHUNKED + EMPTY + WITH_TRAILER + COUNTED)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 }), (cuts) => {
      const seen: [number, boolean][] = []
      const parser = new ReplyParser({
        onReply: (status, staysOpen) => seen.push([status, staysOpen]),
        onInvalid: (reason) => {
          throw new Error(reason)
        },
      })
      const edges = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
      for (let index = 1; index < edges.length; index += 1) {
        const piece = bytes.subarray(edges[index - 1], edges[index])
        parser.push(piece, piece.length)
      }
      expect(seen).toEqual([
        [200, true],
        [429, true],
        [503, false],
        [200, true],
        [200, true],
      ])
    }),
  )
})

test('percentiles are right to two per cent', () => {
  const histogram = new Histogram()
  for (let value = 1; value <= 10_000; value += 1) histogram.record(value / 100)
  const { p50, p90, p99, max } = histogram.percentiles()
  expect(Math.abs(p50 / 50 - 1)).toBeLessThan(0.02)
  expect(Math.abs(p90 / 90 - 1)).toBeLessThan(0.02)
  expect(Math.abs(p99 / 99 - 1)).toBeLessThan(0.02)
  expect(max).toBe(100)
})
