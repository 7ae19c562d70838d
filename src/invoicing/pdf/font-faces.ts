import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { openFont } from './open-font.ts'

export const WEIGHTS = { regular: 400, strong: 600 } as const
export type Weight = keyof typeof WEIGHTS

/** One file of a family, at one weight. */
export interface FontFace {
  readonly family: string
  readonly subset: string
  readonly weight: number
  readonly path: string
  /** The file holds every weight. */
  readonly isVariable: boolean
}

interface Family {
  readonly name: string
  readonly module: string
  readonly isVariable: boolean
  /** Which of its files are used; null = the numbered ones, into which a large script is split. */
  readonly subsets: readonly string[] | null
}

type Range = readonly [first: number, last: number]

/** The house's own. */
export const INTER: Family = {
  name: 'inter',
  module: '@fontsource/inter',
  isVariable: false,
  subsets: ['latin', 'latin-ext', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext', 'vietnamese'],
}
const HEBREW: Family = {
  name: 'noto-sans-hebrew',
  module: '@fontsource/noto-sans-hebrew',
  isVariable: false,
  subsets: ['hebrew'],
}
const ARABIC: Family = {
  name: 'noto-sans-arabic',
  module: '@fontsource/noto-sans-arabic',
  isVariable: false,
  subsets: ['arabic'],
}

/** How Chinese characters are drawn: the same ones look different in the three languages. */
export type HanStyle = 'sc' | 'jp' | 'kr'

const hanFamily = (style: HanStyle): Family => ({
  name: `noto-sans-${style}`,
  module: `@fontsource-variable/noto-sans-${style}`,
  isVariable: true,
  subsets: null,
})
const HAN = { sc: hanFamily('sc'), jp: hanFamily('jp'), kr: hanFamily('kr') }

const rangesByFamily = new Map<string, ReadonlyMap<string, readonly Range[]>>()
/** Bounded by Unicode: one entry a character, weight and style. */
const facesByStyle = new Map<string, Map<number, FontFace | null>>()

/** The first face that has the character; null if none has it. */
export function faceOf(codePoint: number, weight: Weight, han: HanStyle): FontFace | null {
  const faces = facesByStyle.get(weight + han) ?? new Map<number, FontFace | null>()
  facesByStyle.set(weight + han, faces)
  const known = faces.get(codePoint)
  if (known !== undefined) return known
  const found = searchFace(codePoint, weight, han)
  faces.set(codePoint, found)
  return found
}

function searchFace(codePoint: number, weight: Weight, han: HanStyle): FontFace | null {
  const families = [INTER, HEBREW, ARABIC, HAN[han], HAN.sc, HAN.jp, HAN.kr]
  for (const family of codePoint < FIRST_HAN_RELATED ? families.slice(0, 3) : families) {
    for (const [subset, ranges] of rangesOf(family)) {
      if (!ranges.some(([first, last]) => first <= codePoint && codePoint <= last)) continue
      const face = { ...fileOf(family, subset, WEIGHTS[weight]), family: family.name, subset, weight: WEIGHTS[weight] }
      // The ranges are what a browser should fetch; the file may lack some.
      if (openFont(face.path).hasGlyphForCodePoint(codePoint)) return face
    }
  }
  return null
}

/** Below are alphabets: no need to open the large fonts for them. Hangul letters come first. */
const FIRST_HAN_RELATED = 0x1100

function fileOf({ name, module, isVariable }: Family, subset: string, weight: number) {
  const file = isVariable ? `${name}-${subset}-wght-normal.woff2` : `${name}-${subset}-${weight}-normal.woff`
  return { path: fileURLToPath(import.meta.resolve(`${module}/files/${file}`)), isVariable }
}

function rangesOf(family: Family): ReadonlyMap<string, readonly Range[]> {
  const known = rangesByFamily.get(family.name)
  if (known !== undefined) return known
  const path = fileURLToPath(import.meta.resolve(`${family.module}/unicode.json`))
  const bySubset = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')))
  const all = new Map(Object.entries(bySubset).map(([name, text]) => [name.replace(/[[\]]/g, ''), rangesIn(text)]))
  const used = family.subsets ?? [...all.keys()].filter((name) => /^\d+$/.test(name))
  const ranges = new Map(used.map((name) => [name, all.get(name) ?? []]))
  rangesByFamily.set(family.name, ranges)
  return ranges
}

/** As CSS writes them: `U+0131,U+0100-02BA`. */
function rangesIn(text: string): Range[] {
  return text.split(',').map((part) => {
    const [first = '', last = first] = part.replace('U+', '').split('-')
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
  })
}
