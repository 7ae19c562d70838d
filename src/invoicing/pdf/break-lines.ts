const ELLIPSIS = '…'

/** Written without spaces: a line may end after any of them, though not before what closes. */
const IDEOGRAPH = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]'
const CLOSING = '[、。，．：；？！）」』】〕》〉”’ーぁぃぅぇぉっゃゅょァィゥェォッャュョ…%]'
/** What stays together on a line, with the spaces before it. */
const PIECES = new RegExp(` *(?:${IDEOGRAPH}${CLOSING}*|(?:(?!${IDEOGRAPH})[^ ])+)`, 'gu')

/** Broken between words, and within a word only where it is wider than a line. What does not fit in `linesMax` is cut, with an ellipsis. */
export function breakLines(text: string, linesMax: number, width: number, widthOf: (text: string) => number): string[] {
  let rest = text
  const lines: string[] = []
  while (rest !== '' && lines.length < linesMax) {
    const line = firstLine(rest, width, widthOf)
    rest = rest.slice(line.length).trimStart()
    lines.push(line.trimEnd())
  }
  if (rest === '' || linesMax < 1) return lines
  let last = lines.pop() ?? ''
  while (last !== '' && widthOf(last + ELLIPSIS) > width) last = [...last].slice(0, -1).join('')
  return [...lines, last + ELLIPSIS]
}

function firstLine(text: string, width: number, widthOf: (text: string) => number): string {
  let line = ''
  let used = 0
  for (const [piece] of text.matchAll(PIECES)) {
    const wide = widthOf(piece)
    if (used + wide > width) break
    line += piece
    used += wide
  }
  return line === '' ? firstCharacters(text, width, widthOf) : line
}

/** At least one, however narrow the line. */
function firstCharacters(text: string, width: number, widthOf: (text: string) => number): string {
  let part = ''
  let used = 0
  for (const character of text) {
    used += widthOf(character)
    if (part !== '' && used > width) break
    part += character
  }
  return part
}
