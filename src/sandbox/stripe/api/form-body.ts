import { invalidParameter } from './stripe-refusal.ts'

/** A form value: nested as the brackets in its names say. Arrays come as objects with numbers for names. */
export type FormValue = string | FormObject
export interface FormObject {
  [name: string]: FormValue
}

/** Stripe nests no deeper. */
const DEPTH_MAX = 8
const FIELDS_MAX = 2_000

/** Parses `a[b][0]=c` into nested objects without prototypes. */
export function parseForm(text: string): FormObject {
  const root = emptyObject()
  if (text === '') return root
  const pairs = text.split('&', FIELDS_MAX + 1)
  if (pairs.length > FIELDS_MAX) throw invalidParameter('Too many parameters.', 'body')
  for (const pair of pairs) {
    const cut = pair.indexOf('=')
    const name = decode(cut < 0 ? pair : pair.slice(0, cut))
    if (name !== '') assign(root, pathOf(name), cut < 0 ? '' : decode(pair.slice(cut + 1)))
  }
  return root
}

function emptyObject(): FormObject {
  return Object.create(null) as FormObject
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidParameter('The request is not properly encoded.', 'body')
  }
}

function pathOf(name: string): string[] {
  const open = name.indexOf('[')
  if (open <= 0) return [name]
  const inner = name.slice(open)
  if (!/^(\[[^\]]*\])+$/.test(inner)) throw invalidParameter(`Invalid parameter name: ${name}`, name)
  const path = [name.slice(0, open), ...inner.slice(1, -1).split('][')]
  if (path.length > DEPTH_MAX) throw invalidParameter(`Invalid parameter name: ${name}`, name)
  return path
}

function assign(root: FormObject, path: readonly string[], value: string): void {
  let parent = root
  for (const [depth, step] of path.entries()) {
    const name = step === '' ? String(Object.keys(parent).length) : step
    if (depth === path.length - 1) {
      parent[name] = value
      return
    }
    const child = parent[name]
    const next: FormObject = typeof child === 'object' ? child : emptyObject()
    parent[name] = next
    parent = next
  }
}
