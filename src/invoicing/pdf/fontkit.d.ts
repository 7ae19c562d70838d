/** What is used of fontkit, which comes without types. */
declare module 'fontkit' {
  export function create(file: Buffer): import('./font-instance.ts').ParsedFont
}
