-- CreateTable
CREATE TABLE "vat_id_check" (
    "id" UUID NOT NULL,
    "value" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "consultation" TEXT,
    "requester" TEXT,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "vat_id_check_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_country_evidence" (
    "order_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "country" CHAR(2) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_country_evidence_pkey" PRIMARY KEY ("order_id","source")
);

-- CreateIndex
CREATE INDEX "vat_id_check_value_checked_at_idx" ON "vat_id_check"("value", "checked_at");

-- What was found out stays as it was found out.
ALTER TABLE "vat_id_check"
  ADD CONSTRAINT "vat_id_check_value_like_a_vat_id" CHECK ("value" ~ '^[A-Z]{2}[0-9A-Z+*]{2,12}$'),
  ADD CONSTRAINT "vat_id_check_result_known" CHECK ("result" IN ('valid', 'invalid', 'not_checked')),
  ADD CONSTRAINT "vat_id_check_consultation_has_answer" CHECK ("consultation" IS NULL OR "result" <> 'not_checked');
CREATE TRIGGER "vat_id_check_append_only" BEFORE UPDATE OR DELETE ON "vat_id_check" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "vat_id_check_no_truncate" BEFORE TRUNCATE ON "vat_id_check" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_country_evidence"
  ADD CONSTRAINT "order_country_evidence_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "order_country_evidence_country_in_capitals" CHECK ("country" ~ '^[A-Z]{2}$');
CREATE TRIGGER "order_country_evidence_append_only" BEFORE UPDATE OR DELETE ON "order_country_evidence" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "order_country_evidence_no_truncate" BEFORE TRUNCATE ON "order_country_evidence" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Found when the register is asked again: profiles with an EU VAT id, by account.
CREATE INDEX "billing_profile_eu_vat" ON "billing_profile" ("account_id") WHERE "tax_id_type" = 'eu_vat';
