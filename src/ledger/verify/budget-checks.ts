import type { Check } from './finding.ts'

/**
 * Which budgets a request counts towards is decided when it is authorized, and only its hold remembers. A request near
 * a budget's creation, or near a period's turn on a machine whose clock is behind, may therefore count or not: it is
 * allowed either way. Processes hear of a new budget at once, and their clocks agree within seconds.
 */
const UNSURE = `interval '1 minute'`

const HELD_IS_ITS_HOLDS = `
  SELECT 'budget' AS "table", b.id::text AS "row",
         format('%s nano are held, but the open holds that name it reserve %s nano (account %s)',
                b.held_nano, coalesce(h.nano, 0), b.account_id) AS message
  FROM budget b
  LEFT JOIN (
    SELECT named.budget_id, sum(hold.amount_nano) AS nano
    FROM hold, unnest(hold.budget_ids) AS named (budget_id)
    GROUP BY named.budget_id
  ) h ON h.budget_id = b.id
  WHERE b.held_nano <> coalesce(h.nano, 0)`

/** A charge counts in the period of its capture, which is the instant of its entry. */
const SPENT_IS_ITS_CHARGES = `
  SELECT 'budget' AS "table", b.id::text AS "row",
         format('%s nano are spent, but its requests since %s were charged %s nano (account %s)', b.spent_nano,
                to_char(greatest(b.period_start, b.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                CASE WHEN b.spent_nano < coalesce(s.sure_nano, 0) THEN coalesce(s.sure_nano, 0) ELSE coalesce(s.most_nano, 0) END,
                b.account_id) AS message
  FROM budget b
  LEFT JOIN (
    SELECT b.id AS budget_id, sum(u.price_nano) AS most_nano,
           sum(u.price_nano) FILTER (WHERE e.created_at >= b.period_start AND u.created_at >= b.created_at + ${UNSURE}) AS sure_nano
    FROM ledger_entry e
    JOIN usage_event u ON u.id = e.source_id AND u.account_id = e.account_id
    CROSS JOIN LATERAL (
      VALUES ('account', u.account_id), ('project', u.project_id), ('key', u.access_key_id)
    ) AS counts (subject, id)
    JOIN (
      SELECT *, CASE WHEN access_key_id IS NOT NULL THEN 'key' WHEN project_id IS NOT NULL THEN 'project' ELSE 'account' END AS subject
      FROM budget
    ) b ON b.account_id = u.account_id AND b.subject = counts.subject
       AND coalesce(b.access_key_id, b.project_id, b.account_id) = counts.id
    WHERE e.kind = 'USAGE_DEBIT'
      AND e.created_at >= (SELECT min(greatest(period_start, created_at)) FROM budget) - ${UNSURE}
      AND e.created_at >= greatest(b.period_start, b.created_at) - ${UNSURE}
    GROUP BY b.id
  ) s ON s.budget_id = b.id
  WHERE b.spent_nano NOT BETWEEN coalesce(s.sure_nano, 0) AND coalesce(s.most_nano, 0)`

export const BUDGET_CHECKS: readonly Check[] = [
  {
    name: 'budget-held',
    promise: 'what each budget holds is what open holds reserve under it',
    sql: HELD_IS_ITS_HOLDS,
  },
  {
    name: 'budget-spent',
    promise: 'what each budget spent is what its requests were charged',
    sql: SPENT_IS_ITS_CHARGES,
  },
]
