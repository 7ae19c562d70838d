import { Router } from 'express'
import { authenticate } from '../gateway/authenticate.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { centsFloor } from '../money/nano.ts'
import { sendApiError } from './api-error.ts'

/** `GET /credits/balance` → `{"balanceCents": 1234}`: what is left, holds included, rounded down to whole cents. */
export function creditsRouter(gateway: Gateway): Router {
  const router = Router()
  router.get('/credits/balance', async (request, response) => {
    try {
      const caller = await authenticate(request, gateway.directory, gateway.clock, 'balance')
      const { rows } = await gateway.pool.query<{ balance_nano: string }>({
        name: 'balance',
        text: 'SELECT balance_nano FROM wallet WHERE account_id = $1',
        values: [caller.accountId],
      })
      response.json({ balanceCents: Number(centsFloor(BigInt(rows[0]?.balance_nano ?? 0))) })
    } catch (error) {
      sendApiError(response, error, gateway.logger)
    }
  })
  return router
}
