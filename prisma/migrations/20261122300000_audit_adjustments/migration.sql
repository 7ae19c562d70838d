-- CreateEnum
CREATE TYPE "adjustment_kind" AS ENUM ('CREDIT', 'DEBIT', 'EXTENSION');

-- CreateEnum
CREATE TYPE "adjustment_state" AS ENUM ('PENDING', 'BOOKED', 'REJECTED');

-- CreateTable
CREATE TABLE "adjustment" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "kind" "adjustment_kind" NOT NULL,
    "state" "adjustment_state" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "lot_id" UUID,
    "expires_at" TIMESTAMPTZ(3),
    "promotional" BOOLEAN NOT NULL DEFAULT true,
    "reason" TEXT NOT NULL,
    "attachment_name" TEXT,
    "attachment_type" TEXT,
    "attachment_key" TEXT,
    "attachment_sha256" BYTEA,
    "reseller_id" UUID,
    "created_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "decision_note" TEXT,

    CONSTRAINT "adjustment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "happened_at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" UUID NOT NULL,
    "actor_name" TEXT NOT NULL,
    "actor_role" TEXT NOT NULL,
    "reseller_id" UUID,
    "client_ip" TEXT,
    "action" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "account_id" UUID,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "content" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_head" (
    "id" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_note" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "reseller_id" UUID,
    "author_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_note_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "saved_filter" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "resource" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "saved_filter_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "adjustment_account_id_created_at_idx" ON "adjustment"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_seq_key" ON "audit_entry"("seq");

-- CreateIndex
CREATE INDEX "audit_entry_happened_at_idx" ON "audit_entry"("happened_at");

-- CreateIndex
CREATE INDEX "audit_entry_account_id_happened_at_idx" ON "audit_entry"("account_id", "happened_at");

-- CreateIndex
CREATE INDEX "audit_entry_subject_kind_subject_id_idx" ON "audit_entry"("subject_kind", "subject_id");

-- CreateIndex
CREATE INDEX "account_note_account_id_created_at_idx" ON "account_note"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "saved_filter_user_id_resource_name_key" ON "saved_filter"("user_id", "resource", "name");


-- ---------------------------------------------------------------------------------------------------------------
-- Adjustments: decided once, by somebody, and booked as they were asked for
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "adjustment"
  ADD CONSTRAINT "adjustment_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "wallet" ("account_id") ON DELETE RESTRICT,
  ADD CONSTRAINT "adjustment_reseller_id_fkey" FOREIGN KEY ("reseller_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "adjustment_amount_positive" CHECK ("amount_nano" > 0),
  ADD CONSTRAINT "adjustment_decided_by_somebody" CHECK (("state" = 'PENDING') = ("decided_at" IS NULL) AND ("decided_at" IS NULL) = ("decided_by_id" IS NULL)),
  ADD CONSTRAINT "adjustment_extension_names_its_lot" CHECK ("kind" <> 'EXTENSION' OR ("lot_id" IS NOT NULL AND "expires_at" IS NOT NULL)),
  ADD CONSTRAINT "adjustment_attachment_is_whole" CHECK (
    ("attachment_key" IS NULL) = ("attachment_name" IS NULL) AND ("attachment_key" IS NULL) = ("attachment_type" IS NULL)
    AND ("attachment_key" IS NULL) = ("attachment_sha256" IS NULL)
  );
CREATE INDEX "adjustment_waiting" ON "adjustment" ("created_at") WHERE "state" = 'PENDING';

CREATE FUNCTION guard_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" <> 'PENDING' THEN
    RAISE EXCEPTION 'adjustment: it was decided' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."id", NEW."account_id", NEW."kind", NEW."currency", NEW."amount_nano", NEW."reason", NEW."reseller_id", NEW."created_by_id", NEW."created_at",
      NEW."promotional", NEW."attachment_key", NEW."attachment_sha256") IS DISTINCT FROM
     (OLD."id", OLD."account_id", OLD."kind", OLD."currency", OLD."amount_nano", OLD."reason", OLD."reseller_id", OLD."created_by_id", OLD."created_at",
      OLD."promotional", OLD."attachment_key", OLD."attachment_sha256")
     -- Which lot a credit became, and until when it lasts, is known once it is booked.
     OR (OLD."kind" <> 'CREDIT' AND (NEW."lot_id", NEW."expires_at") IS DISTINCT FROM (OLD."lot_id", OLD."expires_at")) THEN
    RAISE EXCEPTION 'adjustment: what was asked for does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "adjustment_guard" BEFORE UPDATE ON "adjustment" FOR EACH ROW EXECUTE FUNCTION guard_adjustment();
CREATE TRIGGER "adjustment_never_deleted" BEFORE DELETE ON "adjustment" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------------------------------------------------------
-- The audit log: append-only, one chain
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "audit_entry"
  ADD CONSTRAINT "audit_entry_seq_positive" CHECK ("seq" > 0),
  ADD CONSTRAINT "audit_entry_outcome_known" CHECK ("outcome" IN ('DONE', 'REFUSED')),
  ADD CONSTRAINT "audit_entry_hash_is_sha256" CHECK (octet_length("hash") = 32);
CREATE TRIGGER "audit_entry_append_only" BEFORE UPDATE OR DELETE ON "audit_entry" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "audit_entry_never_truncated" BEFORE TRUNCATE ON "audit_entry" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE "audit_head" ADD CONSTRAINT "audit_head_is_one" CHECK ("id" = 1);
INSERT INTO "audit_head" ("id", "seq", "hash") VALUES (1, 0, decode(repeat('00', 32), 'hex'));

ALTER TABLE "account_note" ADD CONSTRAINT "account_note_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;
CREATE TRIGGER "account_note_append_only" BEFORE UPDATE OR DELETE ON "account_note" FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE "saved_filter" ADD CONSTRAINT "saved_filter_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user" ("id") ON DELETE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- An order that expired may be given up for good, so that what still arrives for it is sent back.
-- ---------------------------------------------------------------------------------------------------------------
CREATE OR REPLACE FUNCTION order_move_allowed(old_state order_state, new_state order_state) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (old_state, new_state) IN (
    ('DRAFT', 'AWAITING_PAYMENT'), ('DRAFT', 'EXPIRED'), ('DRAFT', 'CANCELED'), ('DRAFT', 'FAILED'),
    ('AWAITING_PAYMENT', 'REQUIRES_ACTION'), ('AWAITING_PAYMENT', 'PAID'), ('AWAITING_PAYMENT', 'EXPIRED'),
    ('AWAITING_PAYMENT', 'CANCELED'), ('AWAITING_PAYMENT', 'FAILED'),
    ('REQUIRES_ACTION', 'AWAITING_PAYMENT'), ('REQUIRES_ACTION', 'PAID'), ('REQUIRES_ACTION', 'EXPIRED'),
    ('REQUIRES_ACTION', 'CANCELED'), ('REQUIRES_ACTION', 'FAILED'),
    ('EXPIRED', 'PAID'), ('EXPIRED', 'CANCELED'), ('CANCELED', 'PAID'), ('FAILED', 'PAID'),
    ('PAID', 'PARTIALLY_REFUNDED'), ('PAID', 'REFUNDED'), ('PAID', 'DISPUTED'),
    ('PARTIALLY_REFUNDED', 'PAID'), ('PARTIALLY_REFUNDED', 'REFUNDED'), ('PARTIALLY_REFUNDED', 'DISPUTED'),
    ('REFUNDED', 'PAID'), ('REFUNDED', 'PARTIALLY_REFUNDED'), ('REFUNDED', 'DISPUTED'),
    ('DISPUTED', 'PAID'), ('DISPUTED', 'PARTIALLY_REFUNDED'), ('DISPUTED', 'REFUNDED')
  )
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- The general ledger knows adjustments: the rules, in words, stand in docs/general-ledger.md.
-- ---------------------------------------------------------------------------------------------------------------

-- Debits above zero, credits below. The two sides of an entry come from different columns, so that an entry which
-- balances proves that they agree.
CREATE OR REPLACE VIEW "journal_posting" AS
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
  LEFT JOIN "adjustment" adjusted ON split."kind" = 'ADJUSTMENT' AND adjusted."id" = split."source_id" AND adjusted."account_id" = split."account_id"
  CROSS JOIN LATERAL (
    -- What of it was never paid for, where that has a cause of its own. What a reseller gives or takes concerns its own money.
    SELECT CASE
      WHEN split."kind" IN ('EXPIRY', 'REFUND', 'DISPUTE') THEN split."promo_nano"
      WHEN adjusted."kind" = 'DEBIT' AND adjusted."reseller_id" IS NULL THEN split."promo_nano"
      WHEN adjusted."kind" = 'CREDIT' AND adjusted."reseller_id" IS NULL AND adjusted."promotional" THEN split."amount_nano"
      ELSE 0
    END AS "promo_nano"
  ) unpaid
  CROSS JOIN LATERAL (VALUES
    ('6100', unpaid."promo_nano"),
    (CASE split."kind"
       WHEN 'GRANT' THEN '6100'
       WHEN 'EXPIRY' THEN '4100'
       WHEN 'REFUND' THEN '2200'
       WHEN 'DISPUTE' THEN '1200'
       WHEN 'DISPUTE_REVERSAL' THEN '1200'
       WHEN 'ADJUSTMENT' THEN CASE
         WHEN EXISTS (SELECT FROM "refund" WHERE "id" = split."source_id") THEN '2200'
         WHEN adjusted."reseller_id" IS NOT NULL THEN '2500'
         ELSE '6200'
       END
     END,
     split."amount_nano" - unpaid."promo_nano")
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
