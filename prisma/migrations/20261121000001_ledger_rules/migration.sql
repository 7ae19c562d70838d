-- What the ledger promises, enforced by the database itself.

-- ---------------------------------------------------------------------------------------------------------------
-- Checks
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "wallet"
  ADD CONSTRAINT "wallet_held_not_negative" CHECK ("held_nano" >= 0),
  ADD CONSTRAINT "wallet_debt_not_negative" CHECK ("debt_nano" >= 0),
  -- What is left in lots is balance + debt: it covers every hold.
  ADD CONSTRAINT "wallet_held_is_covered" CHECK ("held_nano" <= "balance_nano" + "debt_nano"),
  ADD CONSTRAINT "wallet_entry_hash_is_sha256" CHECK (octet_length("entry_hash") = 32);

ALTER TABLE "credit_lot"
  ADD CONSTRAINT "credit_lot_remaining_not_negative" CHECK ("remaining_nano" >= 0),
  ADD CONSTRAINT "credit_lot_remaining_not_above_granted" CHECK ("remaining_nano" <= "granted_nano"),
  ADD CONSTRAINT "credit_lot_held_is_covered" CHECK ("held_nano" >= 0 AND "held_nano" <= "remaining_nano"),
  ADD CONSTRAINT "credit_lot_open_while_credit_remains" CHECK ("open" = ("remaining_nano" > 0)),
  ADD CONSTRAINT "credit_lot_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "wallet" ("account_id") ON DELETE RESTRICT;

ALTER TABLE "ledger_entry"
  ADD CONSTRAINT "ledger_entry_seq_positive" CHECK ("seq" > 0),
  ADD CONSTRAINT "ledger_entry_lots_have_amounts" CHECK (cardinality("lot_ids") = cardinality("lot_amounts_nano")),
  ADD CONSTRAINT "ledger_entry_hash_is_sha256" CHECK (octet_length("hash") = 32),
  ADD CONSTRAINT "ledger_entry_sign_fits_kind" CHECK (
    CASE "kind"
      WHEN 'PURCHASE' THEN "amount_nano" > 0
      WHEN 'AUTO_TOP_UP' THEN "amount_nano" > 0
      WHEN 'MANUAL_SETTLEMENT' THEN "amount_nano" > 0
      WHEN 'GRANT' THEN "amount_nano" > 0
      WHEN 'DISPUTE_REVERSAL' THEN "amount_nano" > 0
      WHEN 'USAGE_DEBIT' THEN "amount_nano" < 0
      WHEN 'EXPIRY' THEN "amount_nano" < 0
      WHEN 'REFUND' THEN "amount_nano" < 0
      WHEN 'DISPUTE' THEN "amount_nano" < 0
      WHEN 'EXTENSION' THEN "amount_nano" = 0
      ELSE true
    END
  );

ALTER TABLE "hold"
  ADD CONSTRAINT "hold_amounts_not_negative" CHECK ("amount_nano" >= 0 AND "reseller_amount_nano" >= 0 AND "cost_bound_nano" >= 0);

ALTER TABLE "budget"
  ADD CONSTRAINT "budget_amounts_not_negative" CHECK ("limit_nano" >= 0 AND "spent_nano" >= 0 AND "held_nano" >= 0),
  ADD CONSTRAINT "budget_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "budget_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "budget_access_key_id_fkey" FOREIGN KEY ("access_key_id") REFERENCES "access_key" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "budget_has_one_subject" CHECK ("project_id" IS NULL OR "access_key_id" IS NULL);

CREATE UNIQUE INDEX "budget_subject_period_key"
  ON "budget" ("account_id", "project_id", "access_key_id", "period") NULLS NOT DISTINCT;

ALTER TABLE "usage_event"
  ADD CONSTRAINT "usage_event_figures_not_negative" CHECK (
    "input_tokens" >= 0 AND "cache_read_tokens" >= 0 AND "cache_write_5m_tokens" >= 0 AND "cache_write_1h_tokens" >= 0
    AND "output_tokens" >= 0 AND "reasoning_tokens" >= 0 AND "cost_nano" >= 0 AND "wholesale_nano" >= 0 AND "price_nano" >= 0
  );

ALTER TABLE "account"
  ADD CONSTRAINT "account_reseller_is_not_itself" CHECK ("reseller_id" IS NULL OR "reseller_id" <> "id"),
  ADD CONSTRAINT "account_reseller_has_no_reseller" CHECK ("kind" = 'CUSTOMER' OR "reseller_id" IS NULL);

ALTER TABLE "provider_key"
  ADD CONSTRAINT "provider_key_has_one_source" CHECK (("secret_sealed" IS NULL) <> ("secret_env" IS NULL));
-- The operator has one credential in force at a provider.
CREATE UNIQUE INDEX "provider_key_operator_key" ON "provider_key" ("provider_id") WHERE "account_id" IS NULL AND "disabled_at" IS NULL;

ALTER TABLE "price_rule"
  ADD CONSTRAINT "price_rule_figures_fit_kind" CHECK (
    CASE "kind"
      WHEN 'MARKUP_ON_COST' THEN "markup_bps" IS NOT NULL
      WHEN 'ADDITION_PER_MILLION' THEN "addition_nano" IS NOT NULL
      WHEN 'DISCOUNT_OFF_LIST' THEN "discount_bps" BETWEEN 0 AND 10000
      WHEN 'ABSOLUTE' THEN "rates" IS NOT NULL
    END
  );

-- One row for each lot that an entry moved (lot_id null = the debt). The movements lie in the entry's own row: they are
-- written, chained and immutable with it.
CREATE VIEW "lot_movement" AS
  SELECT entry."account_id", entry."seq" AS "entry_seq", (movement."position" - 1)::integer AS "ordinal",
         movement."lot_id", movement."amount_nano"
  FROM "ledger_entry" entry
  CROSS JOIN LATERAL unnest(entry."lot_ids", entry."lot_amounts_nano") WITH ORDINALITY
    AS movement ("lot_id", "amount_nano", "position");

-- ---------------------------------------------------------------------------------------------------------------
-- The spend path's indexes and page space: wallets, lots and budgets are updated in place (HOT), holds come and go.
-- ---------------------------------------------------------------------------------------------------------------
CREATE INDEX "credit_lot_open" ON "credit_lot" ("account_id") WHERE "open";
CREATE INDEX "credit_lot_expiring" ON "credit_lot" ("expires_at") WHERE "open";
ALTER TABLE "wallet" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE "credit_lot" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE "budget" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE "hold" SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);

-- ---------------------------------------------------------------------------------------------------------------
-- Append-only
-- ---------------------------------------------------------------------------------------------------------------
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "ledger_entry_append_only" BEFORE UPDATE OR DELETE ON "ledger_entry" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "ledger_entry_no_truncate" BEFORE TRUNCATE ON "ledger_entry" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "usage_event_append_only" BEFORE UPDATE OR DELETE ON "usage_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "usage_event_no_truncate" BEFORE TRUNCATE ON "usage_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "route_attempt_append_only" BEFORE UPDATE OR DELETE ON "route_attempt" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "cost_profile_immutable" BEFORE UPDATE OR DELETE ON "cost_profile" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "list_price_immutable" BEFORE UPDATE OR DELETE ON "list_price" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "wallet_never_deleted" BEFORE DELETE ON "wallet" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "wallet_no_truncate" BEFORE TRUNCATE ON "wallet" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "credit_lot_no_truncate" BEFORE TRUNCATE ON "credit_lot" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "credit_lot_never_deleted" BEFORE DELETE ON "credit_lot" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A price rule may be retired; nothing else about it ever changes.
CREATE FUNCTION refuse_price_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  retired "price_rule" := OLD;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."retired_at" IS NULL THEN
    retired."retired_at" := NEW."retired_at";
    IF NEW IS NOT DISTINCT FROM retired THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'price_rule is immutable: write a new version instead' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "price_rule_immutable" BEFORE UPDATE OR DELETE ON "price_rule" FOR EACH ROW EXECUTE FUNCTION refuse_price_rule_change();

-- ---------------------------------------------------------------------------------------------------------------
-- Partitions of usage_event: a month of UUIDv7 each. The first 48 bits of a UUIDv7 are milliseconds (RFC 9562, 5.7).
-- ---------------------------------------------------------------------------------------------------------------
CREATE FUNCTION uuid_v7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the partitions of the months from `first` to `last` that do not exist yet; says how many it made.
CREATE FUNCTION ensure_usage_partitions(first timestamptz, last timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  month timestamp := date_trunc('month', first AT TIME ZONE 'UTC');
  partition text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_usage_partitions'));
  WHILE month <= last AT TIME ZONE 'UTC' LOOP
    partition := 'usage_event_' || to_char(month, 'YYYY_MM');
    IF to_regclass(quote_ident(partition)) IS NULL THEN
      EXECUTE format(
        'CREATE TABLE %I PARTITION OF "usage_event" FOR VALUES FROM (%L) TO (%L)',
        partition,
        uuid_v7_floor(month AT TIME ZONE 'UTC'),
        uuid_v7_floor((month + interval '1 month') AT TIME ZONE 'UTC')
      );
      EXECUTE format(
        'CREATE TRIGGER usage_event_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        partition
      );
      made := made + 1;
    END IF;
    month := month + interval '1 month';
  END LOOP;
  RETURN made;
END
$$;

SELECT ensure_usage_partitions(now() - interval '1 month', now() + interval '3 months');

-- ---------------------------------------------------------------------------------------------------------------
-- Caches in the processes are told of a change at once.
-- ---------------------------------------------------------------------------------------------------------------
CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_ARGV[0], '');
  RETURN NULL;
END
$$;

CREATE TRIGGER "access_key_notify" AFTER INSERT OR UPDATE OR DELETE ON "access_key" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
CREATE TRIGGER "account_notify" AFTER UPDATE OR DELETE ON "account" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
CREATE TRIGGER "project_notify" AFTER UPDATE OR DELETE ON "project" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
CREATE TRIGGER "budget_notify" AFTER INSERT OR DELETE ON "budget" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
CREATE TRIGGER "plan_notify" AFTER INSERT OR UPDATE OR DELETE ON "plan" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "provider_notify" AFTER INSERT OR UPDATE OR DELETE ON "provider" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "provider_key_notify" AFTER INSERT OR UPDATE OR DELETE ON "provider_key" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "model_notify" AFTER INSERT OR UPDATE OR DELETE ON "model" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "model_alias_notify" AFTER INSERT OR UPDATE OR DELETE ON "model_alias" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "route_notify" AFTER INSERT OR UPDATE OR DELETE ON "route" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "cost_profile_notify" AFTER INSERT ON "cost_profile" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "list_price_notify" AFTER INSERT ON "list_price" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
CREATE TRIGGER "price_rule_notify" AFTER INSERT OR UPDATE ON "price_rule" FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_catalog');
