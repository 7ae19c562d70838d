/** An element as a parser sees it. White space between elements is gone; white space in text is not. */
export interface XmlNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
  readonly text: string
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 forbids (production 2).
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

/**
 * Reads the XML that documents are written in: no comments, no CDATA, no processing instructions, no entities of one's
 * own. Whatever XML 1.0 does not allow throws, so that reading it proves that it is well formed.
 */
export function parseXml(xml: string): XmlNode {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  if (!xml.startsWith(declaration)) throw new SyntaxError('There is no XML declaration.')
  if (FORBIDDEN.test(xml)) throw new SyntaxError('There is a character that XML 1.0 forbids.')
  // A parser turns every kind of line end into a line feed (section 2.11).
  const reader = new Reader(xml.slice(declaration.length).replace(/\r\n?/g, '\n'))
  const root = reader.element()
  reader.end()
  return root
}

/** All elements below a node along a path such as `cac:Party/cbc:ID`. */
export function nodesAt(node: XmlNode | null, path: string): XmlNode[] {
  let nodes = node === null ? [] : [node]
  for (const name of path.split('/')) {
    nodes = nodes.flatMap(({ children }) => children.filter((child) => child.name === name))
  }
  return nodes
}

/** The only element there; null where there is none. Two throw. */
export function nodeAt(node: XmlNode | null, path: string): XmlNode | null {
  const nodes = nodesAt(node, path)
  if (nodes.length > 1) throw new RangeError(`${path} is there ${nodes.length} times.`)
  return nodes[0] ?? null
}

export function textAt(node: XmlNode | null, path: string): string | null {
  return nodeAt(node, path)?.text ?? null
}

/** The node and all below it, in the order of the document. */
export function everyNode(node: XmlNode): XmlNode[] {
  return [node, ...node.children.flatMap(everyNode)]
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  element(): XmlNode {
    this.#expect('<')
    const name = this.#name()
    const attributes = this.#attributes()
    this.#expect('>')
    const children: XmlNode[] = []
    let text = ''
    while (!this.#isAt('</')) {
      if (this.#isAt('<')) children.push(this.element())
      else text += this.#characters()
    }
    this.#expect(`</${name}>`)
    if (children.length === 0) return { name, attributes, children, text }
    if (text.trim() !== '') throw new SyntaxError(`${name} has text beside its elements.`)
    return { name, attributes, children, text: '' }
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw new SyntaxError('There is something behind the document.')
  }

  #attributes(): Record<string, string> {
    const attributes: Record<string, string> = {}
    while (this.#isAt(' ')) {
      this.#at += 1
      const name = this.#name()
      this.#expect('="')
      const end = this.#text.indexOf('"', this.#at)
      const raw = this.#text.slice(this.#at, end)
      if (raw.includes('<')) throw new SyntaxError('There is a bare < in an attribute.')
      if (name in attributes) throw new SyntaxError(`${name} is there twice.`)
      // White space that is not escaped becomes a space (section 3.3.3).
      attributes[name] = replaceReferences(raw.replace(/[\t\n]/g, ' '))
      this.#at = end + 1
    }
    return attributes
  }

  #characters(): string {
    const end = this.#text.indexOf('<', this.#at)
    if (end < 0) throw new SyntaxError('The document ends inside an element.')
    const raw = this.#text.slice(this.#at, end)
    if (raw.includes(']]>')) throw new SyntaxError('There is a ]]> in text.')
    this.#at = end
    return replaceReferences(raw)
  }

  #name(): string {
    NAME.lastIndex = this.#at
    const name = NAME.exec(this.#text)?.[0]
    if (name === undefined) throw new SyntaxError(`There is no name at ${this.#at}.`)
    this.#at += name.length
    return name
  }

  #expect(text: string): void {
    if (!this.#isAt(text)) throw new SyntaxError(`Expected ${text} at ${this.#at}.`)
    this.#at += text.length
  }

  #isAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }
}

function replaceReferences(raw: string): string {
  return raw.replace(/&(?:#(\d+)|(\w+));|&/g, (whole, code: string | undefined, name: string | undefined) => {
    if (code !== undefined) return String.fromCodePoint(Number(code))
    const character = ENTITIES[name ?? '']
    if (character === undefined) throw new SyntaxError(`${whole} is no entity.`)
    return character
  })
}
