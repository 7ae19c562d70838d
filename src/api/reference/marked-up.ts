const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text with `code` and **words** as HTML; everything else in it is shown as it stands. */
export function markedUp(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ESCAPED[character] as string)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
}
