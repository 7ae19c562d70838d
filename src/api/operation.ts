import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { ApiKeyScope } from '../accounts/api-keys/api-key.ts'
import type { Scope } from '../gateway/authenticate.ts'
import type { ApiCaller } from './api-caller.ts'
import type { ApiErrorCode } from './api-error.ts'
import type { RateClass } from './rate-limits.ts'

/** Who may call: anybody, or whoever has one of the scopes. */
export type Access =
  | 'anybody'
  | {
      /** Of an API key; any of them is enough. */
      readonly scopes: readonly ApiKeyScope[]
      /** Of an access key; null = access keys are refused. */
      readonly accessKey: Scope | null
    }

/** A success as the document describes it. */
export interface DocumentedReply {
  readonly status: number
  readonly description: string
  /** Of a JSON body; null = there is none. */
  readonly schema: z.ZodType | null
  /** Types of a body that is no JSON, or may be none. */
  readonly media?: readonly string[]
  /** Headers besides those of every reply, with what they say. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a reference shows of an operation: values that the schemas take. */
export interface Example {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly reply?: unknown
}

/** One row of the route table: the router serves it, and the document describes it. */
export interface Operation {
  /** Unique; becomes the operationId. */
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it, such as `/v1/keys/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly rate: RateClass
  readonly params?: z.ZodObject
  /** Thrown where the path names what cannot exist. */
  readonly missing?: () => Error
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly takesIdempotencyKey?: boolean
  readonly takesIfMatch?: boolean
  readonly replies: readonly DocumentedReply[]
  /** Refusals of its own, besides those that any operation can give. */
  readonly errors: readonly ApiErrorCode[]
  readonly example?: Example
  readonly handle: (call: Call<never, never, never>) => Promise<Answer<unknown> | Sent>
}

/** A request that has been let in and read. */
export interface Call<Params, Query, Body> {
  readonly caller: ApiCaller
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Null = none was sent. */
  readonly idempotencyKey: string | null
  readonly request: Request
  readonly response: Response
}

export interface Answer<Body> {
  readonly status: number
  readonly body: Body
  readonly headers: Readonly<Record<string, string>>
}

/** The handler has sent the reply by itself: a file, mostly. */
export const SENT = Symbol('sent')
export type Sent = typeof SENT

export function answer<Body>(
  body: Body,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Answer<Body> {
  return { status, body, headers }
}

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** With `schema`, one part of `reply`; a file or nothing has none. */
type SpecifiedReply = Omit<DocumentedReply, 'schema'> & {
  readonly schema?: z.ZodType
  readonly isEmpty?: boolean
}

interface OperationOf<Params, Query, Body, Reply>
  extends Omit<Operation, 'params' | 'query' | 'body' | 'handle' | 'replies' | 'rate' | 'errors'> {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Of the JSON that a success brings. */
  readonly reply?: Reply
  readonly replies: readonly SpecifiedReply[]
  readonly rate?: RateClass
  readonly errors?: readonly ApiErrorCode[]
  readonly handle: (call: Call<Read<Params>, Read<Query>, Read<Body>>) => Promise<Answer<Read<Reply>> | Sent>
}

/** Ties a handler to the schemas of what it is given and of what it answers. */
export function operation<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Reply extends z.ZodType | undefined = undefined,
>({ reply, replies, rate, errors = [], ...rest }: OperationOf<Params, Query, Body, Reply>): Operation {
  const documented = replies.map(({ isEmpty, schema, ...shown }) => ({
    ...shown,
    schema: schema ?? (isEmpty || shown.media ? null : (reply ?? null)),
  }))
  const defaultRate: RateClass = rest.method === 'get' ? 'read' : 'write'
  return { ...rest, rate: rate ?? defaultRate, errors, replies: documented } as unknown as Operation
}
