import { inflateSync } from 'node:zlib'

/** In pixels a side. A logo is printed 60 mm wide: more is never seen. */
const SIDE_MAX = 2_500
/** Of a PNG with all its channels, 16 bits each, at that size. */
const PIXEL_BYTES_MAX = SIDE_MAX * SIDE_MAX * 8 + SIDE_MAX

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const JPEG_SIGNATURE = Buffer.from('ffd8ff', 'hex')
/** JPEG frames: C4, C8 and CC are tables and extensions, not frames. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc])

interface Size {
  /** In pixels. */
  readonly width: number
  readonly height: number
}

/**
 * The size of a PNG or JPEG that pdfkit can draw and an archive can keep; null for all else. pdfkit unpacks a PNG later, where nobody can
 * catch an error, so its data is tried here. A JPEG for print (CMYK) has no place in a file whose colours are sRGB (ISO 19005-3, 6.2.4).
 */
export function openLogo(image: Buffer): Size | null {
  const size = sizeOf(image)
  if (size === null || size.width < 1 || size.height < 1) return null
  return size.width <= SIDE_MAX && size.height <= SIDE_MAX ? size : null
}

function sizeOf(image: Buffer): Size | null {
  try {
    if (image.subarray(0, 8).equals(PNG_SIGNATURE)) return pngSize(image)
    return image.subarray(0, 3).equals(JPEG_SIGNATURE) ? jpegSize(image) : null
  } catch {
    // Cut short or not what it says: the name is printed instead, as a document cannot wait for a better picture.
    return null
  }
}

function pngSize(image: Buffer): Size | null {
  const data: Buffer[] = []
  let hasPalette = false
  for (let at = PNG_SIGNATURE.length; ; ) {
    const length = image.readUInt32BE(at)
    const type = image.toString('latin1', at + 4, at + 8)
    const body = image.subarray(at + 8, at + 8 + length)
    if (body.length < length) return null
    if (type === 'PLTE') hasPalette = true
    if (type === 'IDAT') data.push(body)
    if (type === 'IEND') break
    at += 12 + length
  }
  const size = { width: image.readUInt32BE(16), height: image.readUInt32BE(20) }
  const bits = image.readUInt8(24)
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[image.readUInt8(25)]
  const isInterlaced = image.readUInt8(28) === 1
  if (channels === undefined || (image.readUInt8(25) === 3 && !hasPalette)) return null
  const pixels = inflateSync(Buffer.concat(data), { maxOutputLength: PIXEL_BYTES_MAX })
  const rowBytes = 1 + Math.ceil((size.width * channels * bits) / 8)
  return isInterlaced || pixels.length !== rowBytes * size.height ? null : size
}

function jpegSize(image: Buffer): Size | null {
  for (let at = 2; ; ) {
    if (image.readUInt8(at) !== 0xff) return null
    const marker = image.readUInt8(at + 1)
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker)) {
      const components = image.readUInt8(at + 9)
      const size = { width: image.readUInt16BE(at + 7), height: image.readUInt16BE(at + 5) }
      return components === 1 || components === 3 ? size : null
    }
    at += 2 + image.readUInt16BE(at + 2)
  }
}
