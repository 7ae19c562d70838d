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
      NEW."attachment_key", NEW."attachment_sha256") IS DISTINCT FROM
     (OLD."id", OLD."account_id", OLD."kind", OLD."currency", OLD."amount_nano", OLD."reason", OLD."reseller_id", OLD."created_by_id", OLD."created_at",
      OLD."attachment_key", OLD."attachment_sha256") THEN
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
