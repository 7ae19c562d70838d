import type { Check } from '../ledger/verify/finding.ts'

const IN_SEQUENCE = `
  SELECT 'audit_entry' AS "table", e.seq::text AS "row", format('stands where entry %s was due', e.due) AS message
  FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS due FROM audit_entry) e WHERE e.seq <> e.due
  UNION ALL
  SELECT 'audit_head', h.id::text, format('the head is at %s, but the last entry is %s', h.seq, l.seq)
  FROM audit_head h, (SELECT coalesce(max(seq), 0) AS seq FROM audit_entry) l WHERE h.seq <> l.seq`

const CHAINED = `
  WITH chain AS (
    SELECT seq, content, hash, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY seq) AS before FROM audit_entry
  )
  SELECT 'audit_entry' AS "table", seq::text AS "row", 'its hash is not that of its content behind the entry before' AS message
  FROM chain WHERE hash <> sha256(before || convert_to(content, 'UTF8'))
  UNION ALL
  SELECT 'audit_head', h.id::text, 'its hash is not that of the last entry'
  FROM audit_head h JOIN audit_entry e ON e.seq = h.seq WHERE e.hash <> h.hash`

const COLUMNS_AGREE = `
  SELECT 'audit_entry' AS "table", seq::text AS "row", 'its columns do not say what its content says' AS message
  FROM audit_entry e, LATERAL (SELECT e.content::jsonb AS c) content
  WHERE (e.id::text, e.seq::text, e.happened_at, e.action, e.subject_kind, e.subject_id, e.outcome)
          IS DISTINCT FROM (c ->> 'id', c ->> 'seq', (c ->> 'happenedAt')::timestamptz, c ->> 'action', c ->> 'subjectKind',
                            c ->> 'subjectId', c ->> 'outcome')
     OR (e.account_id::text, e.reason, e.actor_id::text, e.actor_name, e.actor_role, e.reseller_id::text, e.client_ip)
          IS DISTINCT FROM (c ->> 'accountId', c ->> 'reason', c -> 'actor' ->> 'userId', c -> 'actor' ->> 'name',
                            c -> 'actor' ->> 'role', c -> 'actor' ->> 'resellerId', c -> 'actor' ->> 'clientIp')`

/** What was done in the back office stands as it was written. */
export const AUDIT_CHECKS: readonly Check[] = [
  { name: 'audit-sequence', promise: 'acts are numbered from 1 without a gap', sql: IN_SEQUENCE },
  { name: 'audit-chain', promise: 'each act has the hash of its content and of the act before it', sql: CHAINED },
  { name: 'audit-content', promise: 'the columns of each act say what its content says', sql: COLUMNS_AGREE },
]
