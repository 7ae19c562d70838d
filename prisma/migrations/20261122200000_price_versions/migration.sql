-- CreateTable
CREATE TABLE "price_change" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "seller_id" UUID,
    "actor_id" UUID NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "lines" TEXT[],
    "floor_bps" INTEGER NOT NULL,
    "breaches" TEXT[],
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "price_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "price_change_version_id_idx" ON "price_change"("version_id");

-- CreateIndex
CREATE UNIQUE INDEX "price_change_actor_id_idempotency_key_key" ON "price_change"("actor_id", "idempotency_key");

ALTER TABLE "price_change"
  ADD CONSTRAINT "price_change_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "price_change_kind_known" CHECK ("kind" IN ('COST_PROFILE', 'LIST_PRICE', 'PRICE_RULE', 'RETIRE_RULE')),
  ADD CONSTRAINT "price_change_floor_not_negative" CHECK ("floor_bps" >= 0),
  -- A price under the floor is somebody's decision, and somebody said why.
  ADD CONSTRAINT "price_change_breach_has_reason" CHECK (cardinality("breaches") = 0 OR "reason" IS NOT NULL),
  ADD CONSTRAINT "price_change_hash_is_sha256" CHECK (octet_length("body_hash") = 32);

CREATE TRIGGER "price_change_append_only" BEFORE UPDATE OR DELETE ON "price_change" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "price_change_no_truncate" BEFORE TRUNCATE ON "price_change" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A price rule may be retired, and what is to end one day may end sooner; nothing else about it ever changes.
CREATE OR REPLACE FUNCTION refuse_price_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  retired "price_rule" := OLD;
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD."retired_at" IS NULL OR NEW."retired_at" < OLD."retired_at") THEN
    retired."retired_at" := NEW."retired_at";
    IF NEW IS NOT DISTINCT FROM retired THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'price_rule is immutable: write a new version instead' USING ERRCODE = 'restrict_violation';
END
$$;
