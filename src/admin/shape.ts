import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What the schema says about its tables, as `prisma generate` wrote it down. */
export interface Shape {
  readonly models: readonly ModelShape[]
  readonly enums: readonly { readonly name: string; readonly values: readonly { readonly name: string }[] }[]
}

export interface ModelShape {
  readonly name: string
  readonly dbName: string | null
  readonly fields: readonly FieldShape[]
}

export interface FieldShape {
  readonly name: string
  readonly dbName?: string
  readonly kind: 'scalar' | 'enum' | 'object' | 'unsupported'
  readonly type: string
  readonly isList: boolean
  readonly nativeType: readonly [name: string, parameters: readonly string[]] | null
}

const FILE = resolve(import.meta.dirname, '../../node_modules/.prisma/shape.json')

/** @throws Error where the client was never generated */
export function readShape(): Shape {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Shape
}

export function modelOf(shape: Shape, name: string): ModelShape {
  const model = shape.models.find((each) => each.name === name)
  if (!model) throw new Error(`the schema has no model '${name}'`)
  return model
}
