-- CreateEnum
CREATE TYPE "document_kind" AS ENUM ('INVOICE', 'CREDIT_NOTE');

-- CreateEnum
CREATE TYPE "number_reset" AS ENUM ('YEARLY', 'NEVER');

-- CreateEnum
CREATE TYPE "tax_point" AS ENUM ('PURCHASE', 'USAGE');

-- AlterTable
ALTER TABLE "payment_order" ADD COLUMN     "tax_decision" JSONB;

-- CreateTable
CREATE TABLE "seller" (
    "id" UUID NOT NULL,
    "account_id" UUID,
    "legal_name" TEXT NOT NULL,
    "line1" TEXT NOT NULL,
    "line2" TEXT,
    "city" TEXT NOT NULL,
    "region" TEXT,
    "postal_code" TEXT NOT NULL,
    "country" CHAR(2) NOT NULL,
    "vat_id" TEXT,
    "tax_number" TEXT,
    "registration_number" TEXT,
    "email" TEXT,
    "phone" TEXT,
    "website" TEXT,
    "bank_holder" TEXT,
    "iban" TEXT,
    "bic" TEXT,
    "bank_name" TEXT,
    "logo_sha256" BYTEA,
    "footer" TEXT,
    "tax_point" "tax_point" NOT NULL DEFAULT 'PURCHASE',
    "small_business" BOOLEAN NOT NULL DEFAULT false,
    "oss_registered" BOOLEAN NOT NULL DEFAULT false,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "seller_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invoice_series" (
    "id" UUID NOT NULL,
    "seller_id" UUID NOT NULL,
    "kind" "document_kind" NOT NULL,
    "pattern" TEXT NOT NULL,
    "reset" "number_reset" NOT NULL,
    "year" INTEGER NOT NULL,
    "last_number" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "invoice_series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tax_document" (
    "id" UUID NOT NULL,
    "kind" "document_kind" NOT NULL,
    "seller_id" UUID NOT NULL,
    "series_id" UUID NOT NULL,
    "year" INTEGER NOT NULL,
    "sequence" BIGINT NOT NULL,
    "number" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "refund_id" UUID,
    "original_id" UUID,
    "currency" CHAR(3) NOT NULL,
    "net_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "issue_date" DATE NOT NULL,
    "snapshot" JSONB NOT NULL,
    "snapshot_sha256" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tax_document_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "document_file" (
    "document_id" UUID NOT NULL,
    "format" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "storage_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_file_pkey" PRIMARY KEY ("document_id","format")
);

-- CreateTable
CREATE TABLE "tax_rate" (
    "territory" TEXT NOT NULL,
    "effective_from" DATE NOT NULL,
    "rate_bps" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tax_rate_pkey" PRIMARY KEY ("territory","effective_from")
);

-- CreateIndex
CREATE UNIQUE INDEX "seller_account_id_key" ON "seller"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_series_seller_id_kind_key" ON "invoice_series"("seller_id", "kind");

-- CreateIndex
CREATE UNIQUE INDEX "tax_document_refund_id_key" ON "tax_document"("refund_id");

-- CreateIndex
CREATE INDEX "tax_document_account_id_created_at_idx" ON "tax_document"("account_id", "created_at");

-- CreateIndex
CREATE INDEX "tax_document_order_id_idx" ON "tax_document"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "tax_document_series_id_year_sequence_key" ON "tax_document"("series_id", "year", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "tax_document_seller_id_kind_number_key" ON "tax_document"("seller_id", "kind", "number");

-- AddForeignKey
ALTER TABLE "invoice_series" ADD CONSTRAINT "invoice_series_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "seller"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tax_document" ADD CONSTRAINT "tax_document_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "seller"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tax_document" ADD CONSTRAINT "tax_document_series_id_fkey" FOREIGN KEY ("series_id") REFERENCES "invoice_series"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "seller_logo" (
    "sha256" BYTEA NOT NULL,
    "content" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "seller_logo_pkey" PRIMARY KEY ("sha256")
);

-- What the documents promise, enforced by the database itself.
ALTER TABLE "seller" ADD CONSTRAINT "seller_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;
-- The operator is one seller.
CREATE UNIQUE INDEX "seller_operator" ON "seller" ((true)) WHERE "account_id" IS NULL;

ALTER TABLE "seller" ADD CONSTRAINT "seller_logo_fkey" FOREIGN KEY ("logo_sha256") REFERENCES "seller_logo" ("sha256") ON DELETE RESTRICT;
ALTER TABLE "seller_logo" ADD CONSTRAINT "seller_logo_hash_is_its_own" CHECK ("sha256" = sha256("content"));
CREATE TRIGGER "seller_logo_append_only" BEFORE UPDATE OR DELETE ON "seller_logo" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "invoice_series" ADD CONSTRAINT "invoice_series_numbers_count_up" CHECK ("last_number" >= 0);

-- A number is never given back: the series only counts up, and begins anew with a later year alone.
CREATE FUNCTION guard_invoice_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."year" < OLD."year" OR (NEW."year" = OLD."year" AND NEW."last_number" < OLD."last_number") THEN
    RAISE EXCEPTION 'invoice_series: numbers only count up' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "invoice_series_guard" BEFORE UPDATE ON "invoice_series" FOR EACH ROW EXECUTE FUNCTION guard_invoice_series();
CREATE TRIGGER "invoice_series_never_deleted" BEFORE DELETE ON "invoice_series" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "tax_document"
  ADD CONSTRAINT "tax_document_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "tax_document_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "tax_document_refund_id_fkey" FOREIGN KEY ("refund_id") REFERENCES "refund" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "tax_document_original_id_fkey" FOREIGN KEY ("original_id") REFERENCES "tax_document" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "tax_document_total_adds_up" CHECK ("total_minor" = "net_minor" + "tax_minor" AND "net_minor" >= 0 AND "tax_minor" >= 0 AND "total_minor" > 0),
  ADD CONSTRAINT "tax_document_credit_note_has_original" CHECK (("kind" = 'CREDIT_NOTE') = ("original_id" IS NOT NULL)),
  ADD CONSTRAINT "tax_document_sequence_positive" CHECK ("sequence" > 0),
  ADD CONSTRAINT "tax_document_hash_is_sha256" CHECK (octet_length("snapshot_sha256") = 32);
-- One paid order has one invoice.
CREATE UNIQUE INDEX "tax_document_one_invoice_an_order" ON "tax_document" ("order_id") WHERE "kind" = 'INVOICE';
CREATE TRIGGER "tax_document_append_only" BEFORE UPDATE OR DELETE ON "tax_document" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "tax_document_no_truncate" BEFORE TRUNCATE ON "tax_document" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "document_file"
  ADD CONSTRAINT "document_file_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "tax_document" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "document_file_format_known" CHECK ("format" IN ('pdf', 'cii', 'ubl')),
  ADD CONSTRAINT "document_file_hash_is_sha256" CHECK (octet_length("sha256") = 32);
CREATE TRIGGER "document_file_append_only" BEFORE UPDATE OR DELETE ON "document_file" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "tax_rate" ADD CONSTRAINT "tax_rate_possible" CHECK ("rate_bps" BETWEEN 0 AND 10000);
