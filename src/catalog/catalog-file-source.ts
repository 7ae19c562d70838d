import { isAlias, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml'

/** Where in the file something stands: keys and list places from the root. */
export type FilePath = readonly (string | number)[]

export interface FileProblem {
  line: number
  column: number
  path: FilePath
  message: string
}

export interface CatalogSource {
  /** Maps, lists and texts. Every scalar is its text in the file: a price never passes through a float. */
  value: unknown
  problems: FileProblem[]
  /** The position of a value, or of what should contain it; with `key`, of that key in the map at the path. */
  locate(path: FilePath, key?: string): { line: number; column: number }
}

/** A few hundred models make a tenth of this. */
export const CATALOG_TEXT_MAX = 4 * 1024 * 1024
/** YAML aliases multiply: a small file could name a huge one. */
const YAML_ALIASES_MAX = 1_000

/** Reads YAML without interpreting scalars (the failsafe schema). Problems other than duplicate keys leave no value. */
export function readCatalogSource(text: string): CatalogSource {
  if (text.length > CATALOG_TEXT_MAX) {
    const message = `expected a file of at most ${CATALOG_TEXT_MAX} characters, found ${text.length}`
    return { value: undefined, problems: [{ line: 1, column: 1, path: [], message }], locate: () => START }
  }
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const findings = [...document.errors, ...document.warnings]
  const problems = findings.map((finding): FileProblem => {
    const message =
      finding.code === 'DUPLICATE_KEY' ? duplicateKey(text, finding.pos[0]) : `not valid YAML: ${finding.message}`
    return { ...at(finding.pos[0]), path: [], message }
  })
  if (findings.some((finding) => finding.code !== 'DUPLICATE_KEY')) {
    return { value: undefined, problems, locate: () => START }
  }
  const root = document.contents as Node | null
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: YAML_ALIASES_MAX })
  } catch (error) {
    const message = `not readable: ${error instanceof Error ? error.message : error}`
    return { value, problems: [...problems, { ...START, path: [], message }], locate: () => START }
  }
  return {
    value,
    problems,
    locate: (path, key) => at(offsetOf(root, path, key, resolve)),
  }
}

function duplicateKey(text: string, offset: number): string {
  const key = /^["']?([^"':,\s{}[\]]{1,60})/.exec(text.slice(offset, offset + 62))?.[1] ?? ''
  return `duplicate key ${JSON.stringify(key)}: it stands in this map twice`
}

const START = { line: 1, column: 1 }

function offsetOf(
  root: Node | null,
  path: FilePath,
  key: string | undefined,
  resolve: (n: unknown) => unknown,
): number {
  let node: unknown = resolve(root)
  let offset = root?.range?.[0] ?? 0
  for (const step of path) {
    const child = isMap(node) ? pairOf(node.items, String(step))?.value : childOf(node, step)
    const start = (child as Node | null | undefined)?.range?.[0]
    // What is not there is reported where it should be: at the start of what should contain it.
    if (start === undefined) return offset
    offset = start
    node = resolve(child)
  }
  if (key === undefined || !isMap(node)) return offset
  return (pairOf(node.items, key)?.key as Node | undefined)?.range?.[0] ?? offset
}

function pairOf(pairs: readonly Pair[], key: string): Pair | undefined {
  return pairs.find((pair) => isScalar(pair.key) && pair.key.value === key)
}

function childOf(node: unknown, step: string | number): unknown {
  const items = (node as { items?: unknown[] } | null)?.items
  return typeof step === 'number' ? items?.[step] : undefined
}

/** `models[2].listPrice.input` */
export function formatPath(path: FilePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}
