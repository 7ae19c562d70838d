import { RATE_LIMITS } from '../rate-limits.ts'

const { balance, read, write } = RATE_LIMITS
const written = (figure: number) => figure.toLocaleString('en-US')

/** What holds for all operations. */
export const INTRODUCTION = `Everything an account can do besides calling models: credits, keys, budgets, usage, invoices.

**Who calls.** Send an API key as \`Authorization: Bearer fbm-…\`. It does what its scopes say, for one account. Access keys, which call models, are accepted by the operations that name a scope of theirs. What belongs to another account is answered like what does not exist: 404.

**Money.** Fields that end in \`Cents\` are whole cents. Amounts that can be smaller are exact decimals in a string, such as \`"0.00123"\`, with the currency beside them. Times are ISO 8601 in UTC; ranges hold their first instant and not their last.

**Lists** come in pages: \`{"data": […], "nextCursor": …}\`. Send the cursor back as \`?cursor=\` for the next page; null = there is none.

**Repeating.** With an \`Idempotency-Key\`, a request that makes something makes it once, however often it is sent. Secrets are in the first reply only: where that was lost, revoke the key and make another.

**Errors** are \`{"errorCode", "statusCode", "msg", "details"}\`; \`details.field\` names the part of the request that is at fault. Query parameters and fields that do not exist are refused.

**Rate limits** are counted for each key, in each process that serves: ${written(read.perSecond)} reads a second (${written(read.burst)} at once), ${written(write.perSecond)} changes a second (${written(write.burst)} at once), ${written(balance.perSecond)} balances a second. \`ratelimit-limit\`, \`ratelimit-remaining\` and \`ratelimit-reset\` (also with \`x-\` in front) tell how much is left; beyond it the answer is 429 with \`retry-after\`.`
