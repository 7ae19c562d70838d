/** An element with text, or with elements in the order in which they are written. Names are ours, never a customer's. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly content: string | readonly XmlElement[]
}

/** What may be absent; absent elements are not written at all, since EN 16931 forbids empty ones. */
export type OptionalElement = XmlElement | null

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
const INDENT = '  '

/** An element of elements; null where none of them is there. */
export function group(
  name: string,
  children: readonly OptionalElement[],
  attributes: Readonly<Record<string, string>> = {},
): OptionalElement {
  const content = children.filter((child) => child !== null)
  return content.length === 0 ? null : { name, attributes, content }
}

/** An element of text; null where there is none. */
export function leaf(
  name: string,
  text: string | null,
  attributes: Readonly<Record<string, string>> = {},
): OptionalElement {
  return text === null ? null : { name, attributes, content: text }
}

/** The whole document, in UTF-8, indented. Text is written as it is, without a space or line end of ours beside it. */
export function writeXml(root: XmlElement): string {
  return `${DECLARATION}${writeElement(root, '')}`
}

function writeElement({ name, attributes, content }: XmlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`)
  const inside =
    typeof content === 'string'
      ? escapeText(content)
      : `\n${content.map((child) => writeElement(child, `${indent}${INDENT}`)).join('')}${indent}`
  return `${indent}<${name}${pairs.join('')}>${inside}</${name}>\n`
}

/**
 * Without the characters that XML 1.0 has no way to write, not even escaped: most controls, U+FFFE, U+FFFF, and halves
 * of surrogate pairs (production 2, Char).
 */
export function allowedCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these controls are what must go.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
}

function escapeText(text: string): string {
  return (
    allowedCharacters(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      // `]]>` may not stand in text.
      .replaceAll('>', '&gt;')
      // A parser reads a bare carriage return as a line feed.
      .replaceAll('\r', '&#13;')
  )
}

function escapeAttribute(text: string): string {
  return (
    escapeText(text)
      .replaceAll('"', '&quot;')
      // A parser reads bare white space in an attribute as a space.
      .replaceAll('\t', '&#9;')
      .replaceAll('\n', '&#10;')
  )
}
