import { randomBytes } from 'node:crypto'
import { type Behaviour, changeBehaviour, DEFAULT_BEHAVIOUR } from './behaviour.ts'
import { ReplyCache } from './reply-cache.ts'
import { RequestLog } from './request-log.ts'
import { seededRandom } from './seeded-random.ts'

/** What the requests to one simulated provider share. */
export class ProviderState {
  readonly models: readonly string[] | null
  readonly log = new RequestLog()
  readonly replies = new ReplyCache()
  /** Decides about errors and disconnects, the same way for the same seed and order of requests. */
  readonly random: () => number
  behaviour: Behaviour = DEFAULT_BEHAVIOUR
  private readonly idPrefix = `chatcmpl-${randomBytes(9).toString('hex')}`
  private idCount = 0

  constructor(models: readonly string[] | null, seed: number, change: unknown) {
    this.models = models
    this.random = seededRandom(seed)
    this.changeBehaviour(change)
  }

  changeBehaviour(change: unknown): void {
    this.behaviour = changeBehaviour(this.behaviour, change)
    this.replies.clear()
  }

  /** Ids are the only part of a reply that differs between equal requests, besides the time. */
  nextId(): string {
    this.idCount += 1
    return this.idPrefix + this.idCount.toString(36).padStart(8, '0')
  }
}
