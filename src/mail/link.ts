/** The absolute address of a path below the public one: the one place where links in mails are made. */
export function link(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`
}
