import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { zlibSync } from 'fflate'
import { describe, expect, test, vi } from 'vitest'
import { openLogo } from '../../src/invoicing/pdf/logo-image.ts'
import { renderDocument } from '../../src/invoicing/pdf/render-document.ts'
import { DOCUMENTS } from './document-fixtures.ts'

// The first use of a font reads it from disk, and a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

interface PngShape {
  width?: number
  height?: number
  interlace?: number
  data?: Buffer
}

/** Red and half transparent. */
function png({ width = 40, height = 10, interlace = 0, data }: PngShape = {}): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, interlace], 8)
  const row = Buffer.concat([Buffer.alloc(1), Buffer.alloc(width * 4, Buffer.from([200, 20, 20, 128]))])
  const pixels = data ?? deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** Only the heads that tell the size and the colours. */
function jpegHead(components: number): Buffer {
  return Buffer.from([
    0xff,
    0xd8,
    0xff,
    0xc0,
    0,
    8 + 3 * components,
    8,
    0,
    20,
    0,
    30,
    components,
    ...Array(3 * components).fill(1),
  ])
}

const render = (logo: Buffer | null) => renderDocument({ snapshot: DOCUMENTS.domestic, xml: '<x/>', logo })

describe('a logo', () => {
  test('stands in the document, with what shines through it, and gives the same bytes each time', async () => {
    const pdf = await render(png())
    expect(pdf.toString('latin1')).toMatch(/\/Subtype \/Image[\s\S]*\/Width 40[\s\S]*\/SMask/)
    expect((await render(png())).equals(pdf)).toBe(true)
    const pixels = [...pdf.toString('latin1').matchAll(/\/Subtype \/Image[\s\S]*?\nstream\n([\s\S]*?)\nendstream/g)]
    expect(pixels.length).toBe(2)
    for (const [, data = ''] of pixels) {
      const packed = Buffer.from(data, 'latin1')
      expect(packed.equals(zlibSync(inflateSync(packed)))).toBe(true)
    }
  })

  test.each([
    ['is cut short', png().subarray(0, 60)],
    ['holds less than it says', png({ data: deflateSync(Buffer.alloc(10)) })],
    ['is not packed as it says', png({ data: Buffer.from('no deflate') })],
    ['unpacks to more than it may', png({ width: 3, height: 3, data: deflateSync(Buffer.alloc(200_000_000)) })],
    ['is larger than any logo', png({ width: 2_501, height: 1 })],
    ['is interlaced', png({ interlace: 1 })],
    ['is a JPEG in the colours of print', jpegHead(4)],
    ['is no picture', Buffer.from('<svg onload="alert(1)"/>')],
    ['is empty', Buffer.alloc(0)],
  ])('that %s leaves its place to the name of the seller', async (_what, logo) => {
    expect(openLogo(logo)).toBeNull()
    expect((await render(logo)).equals(await render(null))).toBe(true)
  })

  test('may be a JPEG in colours or in grey', () => {
    expect(openLogo(jpegHead(3))).toEqual({ width: 30, height: 20 })
    expect(openLogo(jpegHead(1))).toEqual({ width: 30, height: 20 })
  })
})
