-- Tax in the national currency, and sellers whose tax point is USAGE: credits are vouchers, taxed as they are used.

-- AlterTable
ALTER TABLE "payment_order" ADD COLUMN     "seller_id" UUID,
ADD COLUMN     "tax_point" "tax_point" NOT NULL DEFAULT 'PURCHASE';

-- AlterTable
ALTER TABLE "tax_document" ADD COLUMN     "usage_month" DATE,
ALTER COLUMN "order_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "exchange_rate" (
    "id" UUID NOT NULL,
    "from_currency" CHAR(3) NOT NULL,
    "to_currency" CHAR(3) NOT NULL,
    "effective_on" DATE NOT NULL,
    "rate" DECIMAL NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exchange_rate_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_period" (
    "account_id" UUID NOT NULL,
    "seller_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "requests" BIGINT NOT NULL,
    "closed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_period_pkey" PRIMARY KEY ("account_id","seller_id","month")
);

-- CreateTable
CREATE TABLE "usage_consideration" (
    "order_id" UUID NOT NULL,
    "month" DATE NOT NULL,
    "account_id" UUID NOT NULL,
    "seller_id" UUID NOT NULL,
    "lot_id" UUID NOT NULL,
    "consumed_nano" BIGINT NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "usage_consideration_pkey" PRIMARY KEY ("order_id","month")
);

-- CreateIndex
CREATE INDEX "exchange_rate_from_currency_to_currency_effective_on_idx" ON "exchange_rate"("from_currency", "to_currency", "effective_on");

-- CreateIndex
CREATE INDEX "usage_consideration_account_id_seller_id_month_idx" ON "usage_consideration"("account_id", "seller_id", "month");

-- CreateIndex
CREATE UNIQUE INDEX "tax_document_account_id_seller_id_usage_month_key" ON "tax_document"("account_id", "seller_id", "usage_month");

-- ---------------------------------------------------------------------------------------------------------------
-- What the database enforces itself.
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "exchange_rate"
  ADD CONSTRAINT "exchange_rate_is_of_two_currencies" CHECK (
    "from_currency" ~ '^[A-Z]{3}$' AND "to_currency" ~ '^[A-Z]{3}$' AND "from_currency" <> "to_currency"
  ),
  ADD CONSTRAINT "exchange_rate_possible" CHECK ("rate" > 0 AND scale("rate") <= 10);
CREATE TRIGGER "exchange_rate_append_only" BEFORE UPDATE OR DELETE ON "exchange_rate" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whose vouchers they are and when their tax is due is settled when an order is opened.
ALTER TABLE "payment_order"
  ADD CONSTRAINT "payment_order_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "seller" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "payment_order_vouchers_are_untaxed" CHECK ("tax_point" = 'PURCHASE' OR ("seller_id" IS NOT NULL AND "tax_minor" = 0));
CREATE INDEX "payment_order_vouchers" ON "payment_order" ("account_id", "seller_id") WHERE "tax_point" = 'USAGE' AND "paid_at" IS NOT NULL;

CREATE OR REPLACE FUNCTION guard_payment_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" <> OLD."state" AND NOT order_move_allowed(OLD."state", NEW."state") THEN
    RAISE EXCEPTION 'payment_order: % may not become %', OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."id", NEW."number", NEW."reference", NEW."account_id", NEW."kind", NEW."provider", NEW."livemode", NEW."currency", NEW."created_at",
      NEW."tax_point", NEW."seller_id")
     IS DISTINCT FROM
     (OLD."id", OLD."number", OLD."reference", OLD."account_id", OLD."kind", OLD."provider", OLD."livemode", OLD."currency", OLD."created_at",
      OLD."tax_point", OLD."seller_id") THEN
    RAISE EXCEPTION 'payment_order: what an order is bound to never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  -- A manual order may be approved for less than was asked for, in the same step that pays it.
  IF (NEW."net_minor", NEW."tax_minor", NEW."total_minor", NEW."credit_nano", NEW."bonus_nano", NEW."credit_days")
     IS DISTINCT FROM
     (OLD."net_minor", OLD."tax_minor", OLD."total_minor", OLD."credit_nano", OLD."bonus_nano", OLD."credit_days")
     AND NOT (OLD."kind" = 'MANUAL' AND OLD."paid_at" IS NULL AND NEW."paid_at" IS NOT NULL) THEN
    RAISE EXCEPTION 'payment_order: the amounts of an order never change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."paid_at" IS NOT NULL AND (NEW."paid_at", NEW."lot_id", NEW."bonus_lot_id") IS DISTINCT FROM (OLD."paid_at", OLD."lot_id", OLD."bonus_lot_id") THEN
    RAISE EXCEPTION 'payment_order: an order is paid once' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

ALTER TABLE "usage_period"
  ADD CONSTRAINT "usage_period_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "usage_period_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "seller" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "usage_period_is_a_month" CHECK (extract(day FROM "month") = 1),
  ADD CONSTRAINT "usage_period_not_negative" CHECK ("total_minor" >= 0 AND "requests" >= 0);
CREATE TRIGGER "usage_period_append_only" BEFORE UPDATE OR DELETE ON "usage_period" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "usage_consideration"
  ADD CONSTRAINT "usage_consideration_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "usage_consideration_lot_id_fkey" FOREIGN KEY ("lot_id") REFERENCES "credit_lot" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "usage_consideration_period_fkey" FOREIGN KEY ("account_id", "seller_id", "month")
    REFERENCES "usage_period" ("account_id", "seller_id", "month") ON DELETE RESTRICT,
  ADD CONSTRAINT "usage_consideration_not_negative" CHECK ("consumed_nano" > 0 AND "amount_minor" >= 0);
CREATE TRIGGER "usage_consideration_append_only" BEFORE UPDATE OR DELETE ON "usage_consideration" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A document is about an order, or about a month of use; only an invoice is about a month.
ALTER TABLE "tax_document"
  ADD CONSTRAINT "tax_document_usage_period_fkey" FOREIGN KEY ("account_id", "seller_id", "usage_month")
    REFERENCES "usage_period" ("account_id", "seller_id", "month") ON DELETE RESTRICT,
  ADD CONSTRAINT "tax_document_has_one_subject" CHECK (("order_id" IS NULL) = ("usage_month" IS NOT NULL) AND ("usage_month" IS NULL OR "kind" = 'INVOICE'));

-- ---------------------------------------------------------------------------------------------------------------
-- What of vouchers was used, read off the ledger's entries.
-- ---------------------------------------------------------------------------------------------------------------

-- The lots that the paid credits of an order lie in: its own, and those in which they came back after a refund had failed or
-- a lost dispute was reinstated.
CREATE VIEW "voucher_lot" AS
  SELECT sold."id" AS "order_id", sold."account_id", sold."seller_id", sold."lot_id"
  FROM "payment_order" sold
  WHERE sold."tax_point" = 'USAGE' AND sold."paid_at" IS NOT NULL
  UNION ALL
  SELECT sold."id", sold."account_id", sold."seller_id", lot."id"
  FROM "payment_order" sold
  JOIN "refund" ON "refund"."order_id" = sold."id"
  JOIN "credit_lot" lot ON lot."account_id" = sold."account_id" AND lot."source_id" = "refund"."id" AND NOT lot."promotional"
  WHERE sold."tax_point" = 'USAGE' AND sold."paid_at" IS NOT NULL
  UNION ALL
  SELECT sold."id", sold."account_id", sold."seller_id", lot."id"
  FROM "payment_order" sold
  JOIN "dispute" ON "dispute"."order_id" = sold."id"
  JOIN "credit_lot" lot ON lot."account_id" = sold."account_id" AND lot."source_id" = "dispute"."id" AND NOT lot."promotional"
  WHERE sold."tax_point" = 'USAGE' AND sold."paid_at" IS NOT NULL;

-- Of each repayment of debt, the part that pays for requests which had cost more than there was. Such debt is repaid before
-- that of refunds and disputes, whose credits had been used, and invoiced, before. With U = what requests added and R = what was
-- repaid so far, the lowest point of U - R below zero is what was repaid of other debt.
CREATE VIEW "usage_debt_repaid" AS
  SELECT "account_id", "seq",
         "paid_for_usage" - lag("paid_for_usage", 1, 0::numeric) OVER (PARTITION BY "account_id" ORDER BY "seq") AS "nano"
  FROM (
    SELECT "account_id", "seq",
           sum("repaid") OVER sofar + least(0, min("outstanding") OVER sofar) AS "paid_for_usage"
    FROM (
      SELECT "account_id", "seq", "repaid", sum("grown" - "repaid") OVER (PARTITION BY "account_id" ORDER BY "seq") AS "outstanding"
      FROM (
        SELECT entry."account_id", entry."seq",
               CASE WHEN entry."kind" = 'USAGE_DEBIT' THEN coalesce(sum(-move."nano") FILTER (WHERE move."nano" < 0), 0) ELSE 0 END AS "grown",
               coalesce(sum(move."nano") FILTER (WHERE move."nano" > 0), 0) AS "repaid"
        FROM "ledger_entry" entry
        CROSS JOIN LATERAL unnest(entry."lot_ids", entry."lot_amounts_nano") AS move ("lot_id", "nano")
        -- Asked of the whole entry first: few have moved the debt.
        WHERE array_position(entry."lot_ids", NULL) IS NOT NULL AND move."lot_id" IS NULL
        GROUP BY entry."account_id", entry."seq", entry."kind"
      ) debt
    ) running
    WINDOW sofar AS (PARTITION BY "account_id" ORDER BY "seq")
  ) told;

-- Each use of vouchers: what a request drew from them, or what they repaid of debt that requests had made.
CREATE VIEW "voucher_use" AS
  SELECT voucher."order_id", voucher."seller_id", voucher."account_id", entry."created_at" AS "at", entry."source_id" AS "request_id",
         -move."nano" AS "consumed_nano"
  FROM "voucher_lot" voucher
  JOIN "ledger_entry" entry ON entry."account_id" = voucher."account_id" AND entry."kind" = 'USAGE_DEBIT'
  CROSS JOIN LATERAL unnest(entry."lot_ids", entry."lot_amounts_nano") AS move ("lot_id", "nano")
  WHERE move."lot_id" = voucher."lot_id"
  UNION ALL
  SELECT voucher."order_id", voucher."seller_id", voucher."account_id", repaid."created_at", NULL,
         greatest(least(repaid."nano", repaid."for_usage" - repaid."before"), 0)::bigint
  FROM (
    SELECT entry."account_id", entry."created_at", move."lot_id", -move."nano" AS "nano", paid."nano" AS "for_usage",
           -- Within an entry, its lots repay in their order.
           coalesce(sum(-move."nano") OVER (PARTITION BY entry."account_id", entry."seq" ORDER BY move."position"
                                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS "before"
    FROM "usage_debt_repaid" paid
    JOIN "ledger_entry" entry ON entry."account_id" = paid."account_id" AND entry."seq" = paid."seq"
    CROSS JOIN LATERAL unnest(entry."lot_ids", entry."lot_amounts_nano") WITH ORDINALITY AS move ("lot_id", "nano", "position")
    WHERE paid."nano" > 0 AND entry."kind" <> 'USAGE_DEBIT' AND move."lot_id" IS NOT NULL AND move."nano" < 0
  ) repaid
  JOIN "voucher_lot" voucher ON voucher."account_id" = repaid."account_id" AND voucher."lot_id" = repaid."lot_id"
  WHERE repaid."for_usage" > repaid."before";

-- ---------------------------------------------------------------------------------------------------------------
-- The general ledger: the tax in what was used is owed from its invoice on, and was no revenue.
-- ---------------------------------------------------------------------------------------------------------------
CREATE VIEW "journal_usage_tax" AS
  SELECT document."created_at" AS "at", 'tax_document' AS "source", document."id" AS "source_id",
         'tax_document/' || document."id" AS "entry_id", 'USAGE_INVOICE' AS "kind", line."code", line."nano",
         document."currency"::text AS "currency", document."account_id"
  FROM "tax_document" document
  JOIN "seller" seller ON seller."id" = document."seller_id"
  JOIN "account" buyer ON buyer."id" = document."account_id"
  CROSS JOIN LATERAL (VALUES
    -- Where the price of its requests was booked.
    (CASE WHEN buyer."kind" = 'RESELLER' THEN '4010' WHEN buyer."reseller_id" IS NOT NULL THEN '2500' ELSE '4000' END,
     journal_nano(document."tax_minor")),
    (CASE WHEN seller."account_id" IS NULL THEN '2300' ELSE '2500' END, -journal_nano(document."tax_minor"))
  ) AS line ("code", "nano")
  WHERE document."usage_month" IS NOT NULL AND document."tax_minor" <> 0;

-- The journal as accountants read it: one row a debit or credit.
CREATE OR REPLACE VIEW "journal_line" AS
  SELECT posting."at", posting."source", posting."source_id", posting."entry_id", posting."kind",
         posting."code" AS "account_code", chart."name" AS "account_name",
         greatest(posting."nano", 0) AS "debit_nano", greatest(-posting."nano", 0) AS "credit_nano",
         posting."currency", posting."account_id"
  FROM (
    SELECT "at", "source", "source_id", "entry_id", "kind", "code", "nano", "currency", "account_id" FROM "journal_posting"
    UNION ALL
    SELECT "at", "source", "source_id", "entry_id", "kind", "code", "nano", "currency", "account_id" FROM "journal_usage_tax"
  ) posting
  LEFT JOIN "journal_account" chart ON chart."code" = posting."code";
