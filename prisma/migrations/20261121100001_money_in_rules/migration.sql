-- What orders, refunds, disputes and auto top-up promise, enforced by the database itself.

-- ---------------------------------------------------------------------------------------------------------------
-- Wallets and lots
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "wallet"
  ADD CONSTRAINT "wallet_top_up_below_positive" CHECK ("top_up_below_nano" > 0),
  ADD CONSTRAINT "wallet_top_up_due_has_threshold" CHECK ("top_up_due_at" IS NULL OR "top_up_below_nano" IS NOT NULL);
CREATE INDEX "wallet_top_up_due" ON "wallet" ("top_up_due_at") WHERE "top_up_due_at" IS NOT NULL;

-- What is frozen may exceed what is left, for a request that had reserved it before may still spend it.
ALTER TABLE "credit_lot"
  ADD CONSTRAINT "credit_lot_frozen_not_negative" CHECK ("frozen_nano" >= 0),
  ADD CONSTRAINT "credit_lot_nothing_frozen_when_empty" CHECK ("open" OR "frozen_nano" = 0);

-- ---------------------------------------------------------------------------------------------------------------
-- Orders
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "credit_package"
  ADD CONSTRAINT "credit_package_has_price_and_credits" CHECK (
    ("price_minor" IS NULL AND "credit_nano" IS NULL) OR ("price_minor" > 0 AND "credit_nano" > 0)
  ),
  ADD CONSTRAINT "credit_package_bonus_not_negative" CHECK ("bonus_nano" >= 0);

ALTER TABLE "payment_order"
  ADD CONSTRAINT "payment_order_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "wallet" ("account_id") ON DELETE RESTRICT,
  ADD CONSTRAINT "payment_order_package_id_fkey" FOREIGN KEY ("package_id") REFERENCES "credit_package" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "payment_order_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "payment_order_total_adds_up" CHECK ("total_minor" = "net_minor" + "tax_minor" AND "net_minor" > 0 AND "tax_minor" >= 0),
  ADD CONSTRAINT "payment_order_credits_positive" CHECK ("credit_nano" > 0 AND "bonus_nano" >= 0 AND "credit_days" > 0),
  ADD CONSTRAINT "payment_order_no_more_given_back" CHECK (
    "refunded_minor" BETWEEN 0 AND "total_minor" AND "withdrawn_nano" BETWEEN 0 AND "credit_nano"
  ),
  ADD CONSTRAINT "payment_order_received_not_negative" CHECK ("received_minor" >= 0),
  ADD CONSTRAINT "payment_order_kind_fits_provider" CHECK (("kind" = 'MANUAL') = ("provider" = 'BANK')),
  ADD CONSTRAINT "payment_order_has_lot_when_paid" CHECK (
    ("state" IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED')) = ("paid_at" IS NOT NULL)
    AND ("paid_at" IS NULL) = ("lot_id" IS NULL)
  );

-- At most one automatic top-up of an account is under way.
CREATE UNIQUE INDEX "payment_order_one_open_top_up" ON "payment_order" ("account_id")
  WHERE "kind" = 'AUTO_TOP_UP' AND "state" IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION');
CREATE INDEX "payment_order_open" ON "payment_order" ("created_at") WHERE "state" IN ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION');
CREATE INDEX "payment_order_top_ups" ON "payment_order" ("account_id", "created_at") WHERE "kind" = 'AUTO_TOP_UP';

-- The table of allowed moves; the same one stands in src/orders/order-state.ts, and a test compares the two.
CREATE FUNCTION order_move_allowed(old_state order_state, new_state order_state) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (old_state, new_state) IN (
    ('DRAFT', 'AWAITING_PAYMENT'), ('DRAFT', 'EXPIRED'), ('DRAFT', 'CANCELED'), ('DRAFT', 'FAILED'),
    ('AWAITING_PAYMENT', 'REQUIRES_ACTION'), ('AWAITING_PAYMENT', 'PAID'), ('AWAITING_PAYMENT', 'EXPIRED'),
    ('AWAITING_PAYMENT', 'CANCELED'), ('AWAITING_PAYMENT', 'FAILED'),
    ('REQUIRES_ACTION', 'AWAITING_PAYMENT'), ('REQUIRES_ACTION', 'PAID'), ('REQUIRES_ACTION', 'EXPIRED'),
    ('REQUIRES_ACTION', 'CANCELED'), ('REQUIRES_ACTION', 'FAILED'),
    ('EXPIRED', 'PAID'), ('CANCELED', 'PAID'), ('FAILED', 'PAID'),
    ('PAID', 'PARTIALLY_REFUNDED'), ('PAID', 'REFUNDED'), ('PAID', 'DISPUTED'),
    ('PARTIALLY_REFUNDED', 'PAID'), ('PARTIALLY_REFUNDED', 'REFUNDED'), ('PARTIALLY_REFUNDED', 'DISPUTED'),
    ('REFUNDED', 'PAID'), ('REFUNDED', 'PARTIALLY_REFUNDED'), ('REFUNDED', 'DISPUTED'),
    ('DISPUTED', 'PAID'), ('DISPUTED', 'PARTIALLY_REFUNDED'), ('DISPUTED', 'REFUNDED')
  )
$$;

CREATE FUNCTION guard_payment_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" <> OLD."state" AND NOT order_move_allowed(OLD."state", NEW."state") THEN
    RAISE EXCEPTION 'payment_order: % may not become %', OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."id", NEW."number", NEW."reference", NEW."account_id", NEW."kind", NEW."provider", NEW."livemode", NEW."currency", NEW."created_at")
     IS DISTINCT FROM
     (OLD."id", OLD."number", OLD."reference", OLD."account_id", OLD."kind", OLD."provider", OLD."livemode", OLD."currency", OLD."created_at") THEN
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
CREATE TRIGGER "payment_order_guard" BEFORE UPDATE ON "payment_order" FOR EACH ROW EXECUTE FUNCTION guard_payment_order();
CREATE TRIGGER "payment_order_never_deleted" BEFORE DELETE ON "payment_order" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "payment_order_no_truncate" BEFORE TRUNCATE ON "payment_order" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "order_transition" ADD CONSTRAINT "order_transition_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT;
CREATE TRIGGER "order_transition_append_only" BEFORE UPDATE OR DELETE ON "order_transition" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "order_transition_no_truncate" BEFORE TRUNCATE ON "order_transition" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE "bank_receipt"
  ADD CONSTRAINT "bank_receipt_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "bank_receipt_amount_positive" CHECK ("amount_minor" > 0);
CREATE TRIGGER "bank_receipt_append_only" BEFORE UPDATE OR DELETE ON "bank_receipt" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "payment_customer" ADD CONSTRAINT "payment_customer_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;
ALTER TABLE "payment_method" ADD CONSTRAINT "payment_method_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;

-- ---------------------------------------------------------------------------------------------------------------
-- Refunds and disputes
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "refund"
  ADD CONSTRAINT "refund_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "refund_total_adds_up" CHECK ("total_minor" = "net_minor" + "tax_minor" AND "total_minor" > 0 AND "net_minor" >= 0 AND "tax_minor" >= 0),
  ADD CONSTRAINT "refund_credits_not_negative" CHECK ("credit_nano" >= 0 AND "bonus_nano" >= 0 AND "frozen_nano" >= 0 AND "frozen_bonus_nano" >= 0),
  ADD CONSTRAINT "refund_freezes_while_pending" CHECK ("state" = 'PENDING' OR ("frozen_nano" = 0 AND "frozen_bonus_nano" = 0)),
  ADD CONSTRAINT "refund_succeeds_with_a_reference" CHECK ("state" <> 'SUCCEEDED' OR "provider_refund_id" IS NOT NULL);
CREATE INDEX "refund_pending" ON "refund" ("next_attempt_at") WHERE "state" = 'PENDING';
CREATE TRIGGER "refund_never_deleted" BEFORE DELETE ON "refund" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "dispute"
  ADD CONSTRAINT "dispute_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_order" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "dispute_figures_not_negative" CHECK ("amount_minor" > 0 AND "frozen_nano" >= 0 AND "frozen_bonus_nano" >= 0 AND "clawed_back_nano" >= 0),
  ADD CONSTRAINT "dispute_freezes_while_open" CHECK ("state" = 'OPEN' OR ("frozen_nano" = 0 AND "frozen_bonus_nano" = 0));
CREATE TRIGGER "dispute_never_deleted" BEFORE DELETE ON "dispute" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------------------------------------------------------
-- Auto top-up, codes, mails, profiles
-- ---------------------------------------------------------------------------------------------------------------
ALTER TABLE "top_up_consent" ADD CONSTRAINT "top_up_consent_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;
CREATE TRIGGER "top_up_consent_append_only" BEFORE UPDATE OR DELETE ON "top_up_consent" FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE "auto_top_up"
  ADD CONSTRAINT "auto_top_up_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "wallet" ("account_id") ON DELETE RESTRICT,
  ADD CONSTRAINT "auto_top_up_consent_id_fkey" FOREIGN KEY ("consent_id") REFERENCES "top_up_consent" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "auto_top_up_amounts_positive" CHECK (
    "threshold_nano" > 0 AND "amount_minor" > 0 AND "daily_cap_minor" >= "amount_minor" AND "monthly_cap_minor" >= "amount_minor" AND "failures" >= 0
  );

ALTER TABLE "redemption_code"
  ADD CONSTRAINT "redemption_code_amount_positive" CHECK ("amount_nano" > 0 AND "credit_days" > 0),
  ADD CONSTRAINT "redemption_code_redeemed_by_somebody" CHECK (("redeemed_at" IS NULL) = ("redeemed_by_account_id" IS NULL)),
  ADD CONSTRAINT "redemption_code_redeemed_by_fkey" FOREIGN KEY ("redeemed_by_account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;

-- A code is redeemed once, and by whom never changes.
CREATE FUNCTION guard_redemption_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."redeemed_at" IS NOT NULL AND (NEW."redeemed_at", NEW."redeemed_by_account_id", NEW."amount_nano") IS DISTINCT FROM
     (OLD."redeemed_at", OLD."redeemed_by_account_id", OLD."amount_nano") THEN
    RAISE EXCEPTION 'redemption_code: a code is redeemed once' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "redemption_code_guard" BEFORE UPDATE ON "redemption_code" FOR EACH ROW EXECUTE FUNCTION guard_redemption_code();

CREATE INDEX "mail_pending" ON "mail" ("next_attempt_at") WHERE "state" = 'PENDING';
ALTER TABLE "expiry_notice" ADD CONSTRAINT "expiry_notice_lot_id_fkey" FOREIGN KEY ("lot_id") REFERENCES "credit_lot" ("id") ON DELETE RESTRICT;
ALTER TABLE "billing_profile" ADD CONSTRAINT "billing_profile_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;
CREATE TRIGGER "billing_profile_append_only" BEFORE UPDATE OR DELETE ON "billing_profile" FOR EACH ROW EXECUTE FUNCTION refuse_change();
