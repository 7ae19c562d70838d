-- The general ledger: a projection of what is stored anyway into debits and credits. Nothing is kept twice; the rules, in
-- words, stand in docs/general-ledger.md.

-- The chart of accounts.
CREATE VIEW "journal_account" AS
  SELECT * FROM (VALUES
    ('1000', 'Bank', 'asset'),
    ('1010', 'Payment provider clearing', 'asset'),
    ('1100', 'Customer debt receivable', 'asset'),
    ('1200', 'Disputed payments receivable', 'asset'),
    ('2000', 'Deferred revenue: paid credits', 'liability'),
    ('2100', 'Promotional credits outstanding', 'liability'),
    ('2200', 'Refunds payable', 'liability'),
    ('2210', 'Unapplied bank receipts', 'liability'),
    ('2300', 'Tax payable', 'liability'),
    ('2400', 'Accrued provider cost', 'liability'),
    ('2500', 'Reseller payable', 'liability'),
    ('4000', 'Usage revenue', 'income'),
    ('4010', 'Wholesale revenue', 'income'),
    ('4100', 'Breakage: expired paid credits', 'income'),
    ('4900', 'Credit price differences', 'income'),
    ('5000', 'Provider cost', 'expense'),
    ('6100', 'Promotional credits granted', 'expense'),
    ('6200', 'Credit adjustments', 'expense'),
    ('6300', 'Dispute losses', 'expense')
  ) AS chart ("code", "name", "type");

-- Each entry of the ledger with what it moved of paid credit, of credit that nobody paid for, and of the debt (in nano; a
-- debt that grows is negative). A credit without a payment is promotional in the books, whatever the order it is drawn in.
CREATE VIEW "journal_entry_split" AS
  SELECT entry."account_id", entry."seq", entry."kind", entry."source_id", entry."amount_nano", entry."currency",
         entry."created_at", part."paid_nano", part."promo_nano", part."debt_nano"
  FROM "ledger_entry" entry
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(movement."amount_nano") FILTER (WHERE movement."lot_id" IS NOT NULL AND lot."unpaid" IS NOT TRUE), 0)::bigint AS "paid_nano",
           coalesce(sum(movement."amount_nano") FILTER (WHERE lot."unpaid"), 0)::bigint AS "promo_nano",
           coalesce(sum(movement."amount_nano") FILTER (WHERE movement."lot_id" IS NULL), 0)::bigint AS "debt_nano"
    FROM unnest(entry."lot_ids", entry."lot_amounts_nano") AS movement ("lot_id", "amount_nano")
    LEFT JOIN LATERAL (
      SELECT "promotional" OR "source_kind" = 'GRANT' AS "unpaid" FROM "credit_lot" WHERE "id" = movement."lot_id"
    ) lot ON true
  ) part;

-- One nano is 1e-9 of a unit; a minor unit is a hundredth.
CREATE FUNCTION journal_nano(minor bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT minor * 10000000
$$;

-- What the tax documents say of an order's or a refund's tax, else what the order or the refund says; and whose tax it is.
CREATE VIEW "journal_order" AS
  SELECT payment."id", payment."account_id", payment."currency", payment."credit_nano",
         journal_nano(payment."total_minor") AS "total_nano",
         journal_nano(coalesce(invoice."tax_minor", payment."tax_minor")) AS "tax_nano",
         CASE payment."provider" WHEN 'BANK' THEN '2210' ELSE '1010' END AS "cash_code",
         CASE WHEN seller."account_id" IS NULL THEN '2300' ELSE '2500' END AS "tax_code"
  FROM "payment_order" payment
  LEFT JOIN "tax_document" invoice ON invoice."order_id" = payment."id" AND invoice."kind" = 'INVOICE'
  LEFT JOIN "seller" seller ON seller."id" = invoice."seller_id"
  WHERE payment."paid_at" IS NOT NULL;

CREATE VIEW "journal_refund" AS
  SELECT refund."id", refund."account_id", refund."currency", refund."state", refund."closed_at", refund."created_at",
         journal_nano(refund."total_minor") AS "total_nano",
         journal_nano(coalesce(note."tax_minor", refund."tax_minor")) AS "tax_nano",
         CASE refund."provider" WHEN 'BANK' THEN '1000' ELSE '1010' END AS "cash_code",
         CASE WHEN seller."account_id" IS NULL THEN '2300' ELSE '2500' END AS "tax_code",
         taken."created_at" AS "taken_at",
         -(coalesce(taken."amount_nano", 0) - coalesce(taken."promo_nano", 0)) AS "taken_nano",
         coalesce(returned."amount_nano", 0) AS "returned_nano"
  FROM "refund" refund
  LEFT JOIN "tax_document" note ON note."refund_id" = refund."id"
  LEFT JOIN "seller" seller ON seller."id" = note."seller_id"
  LEFT JOIN "journal_entry_split" taken
    ON taken."kind" = 'REFUND' AND taken."source_id" = refund."id" AND taken."account_id" = refund."account_id"
  LEFT JOIN "ledger_entry" returned
    ON returned."kind" = 'ADJUSTMENT' AND returned."source_id" = refund."id" AND returned."account_id" = refund."account_id";

CREATE VIEW "journal_dispute" AS
  SELECT dispute."id", dispute."account_id", dispute."currency", dispute."state", dispute."opened_at", dispute."closed_at",
         journal_nano(dispute."amount_minor") AS "amount_nano",
         taken."created_at" AS "taken_at",
         -(coalesce(taken."amount_nano", 0) - coalesce(taken."promo_nano", 0)) AS "taken_nano",
         coalesce(returned."amount_nano", 0) AS "returned_nano",
         -- An inquiry is a question; the provider withholds the money once it is a dispute, and the order says so.
         dispute."state" IN ('OPEN', 'LOST', 'REINSTATED') OR (dispute."state" = 'WON' AND EXISTS (
           SELECT FROM "order_transition" move WHERE move."order_id" = dispute."order_id" AND move."to_state" = 'DISPUTED'
         )) AS "withheld"
  FROM "dispute" dispute
  LEFT JOIN "journal_entry_split" taken
    ON taken."kind" = 'DISPUTE' AND taken."source_id" = dispute."id" AND taken."account_id" = dispute."account_id"
  LEFT JOIN "ledger_entry" returned
    ON returned."kind" = 'DISPUTE_REVERSAL' AND returned."source_id" = dispute."id" AND returned."account_id" = dispute."account_id";

-- Debits above zero, credits below. The two sides of an entry come from different columns, so that an entry which
-- balances proves that they agree.
CREATE VIEW "journal_posting" AS
  -- The ledger's own entries: credit as the lots and the debt moved ...
  SELECT split."created_at" AS "at", 'ledger_entry' AS "source", split."source_id",
         'ledger_entry/' || split."account_id" || '/' || split."seq" AS "entry_id", split."kind"::text AS "kind",
         line."code", line."nano", split."currency"::text AS "currency", split."account_id"
  FROM "journal_entry_split" split
  CROSS JOIN LATERAL (VALUES ('2000', -split."paid_nano"), ('2100', -split."promo_nano"), ('1100', -split."debt_nano")) AS line ("code", "nano")
  WHERE line."nano" <> 0
  UNION ALL
  -- ... and why: money that came in,
  SELECT entry."created_at", 'ledger_entry', entry."source_id", 'ledger_entry/' || entry."account_id" || '/' || entry."seq",
         entry."kind"::text, line."code", line."nano", entry."currency"::text, entry."account_id"
  FROM "ledger_entry" entry
  JOIN "journal_order" paid ON paid."id" = entry."source_id" AND paid."account_id" = entry."account_id" AND paid."currency" = entry."currency"
  CROSS JOIN LATERAL (VALUES
    (paid."cash_code", paid."total_nano"),
    (paid."tax_code", -paid."tax_nano"),
    ('4900', paid."credit_nano" - (paid."total_nano" - paid."tax_nano"))
  ) AS line ("code", "nano")
  WHERE entry."kind" IN ('PURCHASE', 'AUTO_TOP_UP', 'MANUAL_SETTLEMENT') AND line."nano" <> 0
  UNION ALL
  -- usage,
  SELECT entry."created_at", 'ledger_entry', entry."source_id", 'ledger_entry/' || entry."account_id" || '/' || entry."seq",
         entry."kind"::text,
         CASE WHEN usage."reseller_id" = entry."account_id" THEN '4010' WHEN usage."reseller_id" IS NOT NULL THEN '2500' ELSE '4000' END,
         entry."amount_nano", entry."currency"::text, entry."account_id"
  FROM "ledger_entry" entry
  LEFT JOIN "usage_event" usage ON usage."id" = entry."source_id"
  WHERE entry."kind" = 'USAGE_DEBIT'
  UNION ALL
  -- and all else.
  SELECT split."created_at", 'ledger_entry', split."source_id", 'ledger_entry/' || split."account_id" || '/' || split."seq",
         split."kind"::text, line."code", line."nano", split."currency"::text, split."account_id"
  FROM "journal_entry_split" split
  CROSS JOIN LATERAL (VALUES
    (CASE WHEN split."kind" IN ('EXPIRY', 'REFUND', 'DISPUTE') THEN '6100' END, split."promo_nano"),
    (CASE split."kind"
       WHEN 'GRANT' THEN '6100'
       WHEN 'EXPIRY' THEN '4100'
       WHEN 'REFUND' THEN '2200'
       WHEN 'DISPUTE' THEN '1200'
       WHEN 'DISPUTE_REVERSAL' THEN '1200'
       WHEN 'ADJUSTMENT' THEN CASE WHEN EXISTS (SELECT FROM "refund" WHERE "id" = split."source_id") THEN '2200' ELSE '6200' END
     END,
     split."amount_nano" - CASE WHEN split."kind" IN ('EXPIRY', 'REFUND', 'DISPUTE') THEN split."promo_nano" ELSE 0 END)
  ) AS line ("code", "nano")
  WHERE split."kind" IN ('GRANT', 'ADJUSTMENT', 'EXPIRY', 'REFUND', 'DISPUTE', 'DISPUTE_REVERSAL')
    AND line."code" IS NOT NULL AND line."nano" <> 0
  UNION ALL
  -- Money that was given back: what the credits were withdrawn for, the tax, and the difference of price.
  SELECT coalesce(given."taken_at", given."closed_at", given."created_at"), 'refund', given."id", 'refund/' || given."id", 'REFUND_PAID',
         line."code", line."nano", given."currency"::text, given."account_id"
  FROM "journal_refund" given
  CROSS JOIN LATERAL (VALUES
    ('2200', given."taken_nano"),
    (given."tax_code", given."tax_nano"),
    (given."cash_code", -given."total_nano"),
    ('4900', given."total_nano" - given."tax_nano" - given."taken_nano")
  ) AS line ("code", "nano")
  WHERE (given."state" = 'SUCCEEDED' OR (given."state" = 'FAILED' AND given."taken_at" IS NOT NULL)) AND line."nano" <> 0
  UNION ALL
  -- A refund that failed after it had succeeded: the money is back.
  SELECT given."closed_at", 'refund', given."id", 'refund/' || given."id" || '/failed', 'REFUND_FAILED',
         line."code", line."nano", given."currency"::text, given."account_id"
  FROM "journal_refund" given
  CROSS JOIN LATERAL (VALUES
    ('2200', -given."returned_nano"),
    (given."tax_code", -given."tax_nano"),
    (given."cash_code", given."total_nano"),
    ('4900', -(given."total_nano" - given."tax_nano" - given."returned_nano"))
  ) AS line ("code", "nano")
  WHERE given."state" = 'FAILED' AND given."taken_at" IS NOT NULL AND line."nano" <> 0
  UNION ALL
  -- Money that the provider withholds while a payment is contested ...
  SELECT contested."opened_at", 'dispute', contested."id", 'dispute/' || contested."id" || '/opened', 'DISPUTE_OPENED',
         line."code", line."nano", contested."currency"::text, contested."account_id"
  FROM "journal_dispute" contested
  CROSS JOIN LATERAL (VALUES ('1200', contested."amount_nano"), ('1010', -contested."amount_nano")) AS line ("code", "nano")
  WHERE contested."withheld"
  UNION ALL
  -- ... and gives back,
  SELECT contested."closed_at", 'dispute', contested."id", 'dispute/' || contested."id" || '/won', 'DISPUTE_WON',
         line."code", line."nano", contested."currency"::text, contested."account_id"
  FROM "journal_dispute" contested
  CROSS JOIN LATERAL (VALUES ('1010', contested."amount_nano"), ('1200', -contested."amount_nano")) AS line ("code", "nano")
  WHERE contested."withheld" AND contested."state" = 'WON'
  UNION ALL
  -- or keeps: what no credits made up for is lost,
  SELECT coalesce(contested."taken_at", contested."closed_at"), 'dispute', contested."id", 'dispute/' || contested."id" || '/lost', 'DISPUTE_LOST',
         line."code", line."nano", contested."currency"::text, contested."account_id"
  FROM "journal_dispute" contested
  CROSS JOIN LATERAL (VALUES
    ('6300', contested."amount_nano" - contested."taken_nano"), ('1200', -(contested."amount_nano" - contested."taken_nano"))
  ) AS line ("code", "nano")
  WHERE contested."state" IN ('LOST', 'REINSTATED') AND line."nano" <> 0
  UNION ALL
  -- until it comes back after all.
  SELECT contested."closed_at", 'dispute', contested."id", 'dispute/' || contested."id" || '/reinstated', 'DISPUTE_REINSTATED',
         line."code", line."nano", contested."currency"::text, contested."account_id"
  FROM "journal_dispute" contested
  CROSS JOIN LATERAL (VALUES
    ('1010', contested."amount_nano"),
    ('1200', -contested."returned_nano"),
    ('6300', -(contested."amount_nano" - contested."returned_nano"))
  ) AS line ("code", "nano")
  WHERE contested."state" = 'REINSTATED' AND line."nano" <> 0
  UNION ALL
  -- Bank transfers, until an order takes them.
  SELECT receipt."recorded_at", 'bank_receipt', receipt."id", 'bank_receipt/' || receipt."id", 'BANK_RECEIPT',
         line."code", line."nano", receipt."currency"::text, payment."account_id"
  FROM "bank_receipt" receipt
  JOIN "payment_order" payment ON payment."id" = receipt."order_id"
  CROSS JOIN LATERAL (VALUES ('1000', journal_nano(receipt."amount_minor")), ('2210', -journal_nano(receipt."amount_minor"))) AS line ("code", "nano")
  UNION ALL
  -- What the providers charge for requests.
  SELECT usage."created_at", 'usage_event', usage."id", 'usage_event/' || usage."id", 'PROVIDER_COST',
         line."code", line."nano", usage."currency"::text, usage."account_id"
  FROM "usage_event" usage
  CROSS JOIN LATERAL (VALUES ('5000', usage."cost_nano"), ('2400', -usage."cost_nano")) AS line ("code", "nano")
  WHERE usage."cost_nano" <> 0;

-- The journal as accountants read it: one row a debit or credit.
CREATE VIEW "journal_line" AS
  SELECT posting."at", posting."source", posting."source_id", posting."entry_id", posting."kind",
         posting."code" AS "account_code", chart."name" AS "account_name",
         greatest(posting."nano", 0) AS "debit_nano", greatest(-posting."nano", 0) AS "credit_nano",
         posting."currency", posting."account_id"
  FROM "journal_posting" posting
  LEFT JOIN "journal_account" chart ON chart."code" = posting."code";
