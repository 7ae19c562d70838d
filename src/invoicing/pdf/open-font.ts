import { readFileSync } from 'node:fs'
import { create } from 'fontkit'
import type { ParsedFont } from './font-instance.ts'
import { unwrapWoff } from './unwrap-woff.ts'

/** Parsed fonts that are kept. A page of Chinese needs some thirty files; all of them together would be 50 MB. */
const OPEN_FONTS_MAX = 96

const openFonts = new Map<string, ParsedFont>()

/** The parsed file, kept for the next document; the one that was not used for longest makes room. */
export function openFont(path: string): ParsedFont {
  const font = openFonts.get(path) ?? create(unwrapWoff(readFileSync(path)))
  openFonts.delete(path)
  openFonts.set(path, font)
  const [oldest] = openFonts.keys()
  if (openFonts.size > OPEN_FONTS_MAX && oldest !== undefined) openFonts.delete(oldest)
  return font
}
