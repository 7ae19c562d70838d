-- CreateEnum
CREATE TYPE "order_kind" AS ENUM ('CHECKOUT', 'AUTO_TOP_UP', 'MANUAL');

-- CreateEnum
CREATE TYPE "order_state" AS ENUM ('DRAFT', 'AWAITING_PAYMENT', 'REQUIRES_ACTION', 'PAID', 'EXPIRED', 'CANCELED', 'FAILED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED');

-- CreateEnum
CREATE TYPE "payment_provider" AS ENUM ('STRIPE', 'BANK');

-- CreateEnum
CREATE TYPE "refund_state" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "dispute_state" AS ENUM ('INQUIRY', 'OPEN', 'WON', 'LOST', 'REINSTATED');

-- CreateEnum
CREATE TYPE "webhook_state" AS ENUM ('PROCESSED', 'IGNORED', 'REFUSED', 'FAILED');

-- CreateEnum
CREATE TYPE "mail_state" AS ENUM ('PENDING', 'SENT', 'FAILED');

-- AlterTable
ALTER TABLE "access_key" ALTER COLUMN "scopes" SET DEFAULT ARRAY['inference', 'balance', 'purchase']::TEXT[];

-- AlterTable
ALTER TABLE "account" ADD COLUMN     "development" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "credit_lot" ADD COLUMN     "frozen_nano" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "plan" ADD COLUMN     "rank" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "wallet" ADD COLUMN     "top_up_below_nano" BIGINT,
ADD COLUMN     "top_up_due_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "credit_package" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "price_minor" BIGINT,
    "credit_nano" BIGINT,
    "bonus_nano" BIGINT NOT NULL DEFAULT 0,
    "plan_id" UUID,
    "position" INTEGER NOT NULL DEFAULT 0,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_package_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_order" (
    "id" UUID NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "reference" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "kind" "order_kind" NOT NULL,
    "state" "order_state" NOT NULL,
    "provider" "payment_provider" NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "package_id" UUID,
    "plan_id" UUID,
    "currency" CHAR(3) NOT NULL,
    "net_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL DEFAULT 0,
    "total_minor" BIGINT NOT NULL,
    "credit_nano" BIGINT NOT NULL,
    "bonus_nano" BIGINT NOT NULL DEFAULT 0,
    "credit_days" INTEGER NOT NULL DEFAULT 365,
    "lot_id" UUID,
    "bonus_lot_id" UUID,
    "checkout_session_id" TEXT,
    "checkout_url" TEXT,
    "payment_intent_id" TEXT,
    "payment_method_id" TEXT,
    "failure_code" TEXT,
    "failure_message" TEXT,
    "received_minor" BIGINT NOT NULL DEFAULT 0,
    "settlement" TEXT,
    "approved_by_id" UUID,
    "approved_at" TIMESTAMPTZ(3),
    "refunded_minor" BIGINT NOT NULL DEFAULT 0,
    "withdrawn_nano" BIGINT NOT NULL DEFAULT 0,
    "created_by_id" UUID,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "paid_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),

    CONSTRAINT "payment_order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_transition" (
    "order_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "from_state" "order_state",
    "to_state" "order_state" NOT NULL,
    "cause" TEXT NOT NULL,
    "actor_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_transition_pkey" PRIMARY KEY ("order_id","ordinal")
);

-- CreateTable
CREATE TABLE "payment_customer" (
    "account_id" UUID NOT NULL,
    "provider" "payment_provider" NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "customer_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_customer_pkey" PRIMARY KEY ("account_id","provider","livemode")
);

-- CreateTable
CREATE TABLE "payment_method" (
    "id" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "kind" TEXT NOT NULL,
    "brand" TEXT,
    "last4" TEXT,
    "exp_month" INTEGER,
    "exp_year" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "detached_at" TIMESTAMPTZ(3),

    CONSTRAINT "payment_method_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "scope_id" UUID NOT NULL,
    "verb" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "result_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("scope_id","verb","key")
);

-- CreateTable
CREATE TABLE "webhook_event" (
    "id" TEXT NOT NULL,
    "provider" "payment_provider" NOT NULL,
    "type" TEXT NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "state" "webhook_state" NOT NULL,
    "reason" TEXT,
    "order_id" UUID,
    "payload" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "processed_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refund" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "provider" "payment_provider" NOT NULL,
    "provider_refund_id" TEXT,
    "state" "refund_state" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "net_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "credit_nano" BIGINT NOT NULL,
    "bonus_nano" BIGINT NOT NULL,
    "frozen_nano" BIGINT NOT NULL DEFAULT 0,
    "frozen_bonus_nano" BIGINT NOT NULL DEFAULT 0,
    "external" BOOLEAN NOT NULL DEFAULT false,
    "reason" TEXT NOT NULL,
    "failure_code" TEXT,
    "actor_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dispute" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "provider_dispute_id" TEXT NOT NULL,
    "state" "dispute_state" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "frozen_nano" BIGINT NOT NULL DEFAULT 0,
    "frozen_bonus_nano" BIGINT NOT NULL DEFAULT 0,
    "clawed_back_nano" BIGINT NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "dispute_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bank_receipt" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "bank_reference" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "received_on" DATE NOT NULL,
    "evidence" TEXT,
    "recorded_by_id" UUID NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bank_receipt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auto_top_up" (
    "account_id" UUID NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "threshold_nano" BIGINT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "daily_cap_minor" BIGINT,
    "monthly_cap_minor" BIGINT,
    "payment_method_id" TEXT NOT NULL,
    "consent_id" UUID NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "suspended_at" TIMESTAMPTZ(3),
    "suspended_reason" TEXT,
    "last_attempt_at" TIMESTAMPTZ(3),
    "last_result" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auto_top_up_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "top_up_consent" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "actor_id" UUID NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "text_version" TEXT NOT NULL,
    "client_ip" TEXT,
    "currency" CHAR(3) NOT NULL,
    "threshold_nano" BIGINT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "daily_cap_minor" BIGINT,
    "monthly_cap_minor" BIGINT,
    "payment_method_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "top_up_consent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "redemption_code" (
    "id" UUID NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "credit_days" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "note" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "redeemed_by_account_id" UUID,
    "redeemed_at" TIMESTAMPTZ(3),

    CONSTRAINT "redemption_code_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail" (
    "id" UUID NOT NULL,
    "account_id" UUID,
    "recipient" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "state" "mail_state" NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "expiry_notice" (
    "lot_id" UUID NOT NULL,
    "days_before" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "expiry_notice_pkey" PRIMARY KEY ("lot_id","days_before")
);

-- CreateTable
CREATE TABLE "billing_profile" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "line1" TEXT,
    "line2" TEXT,
    "city" TEXT,
    "region" TEXT,
    "postal_code" TEXT,
    "country" CHAR(2),
    "tax_id_type" TEXT,
    "tax_id_value" TEXT,
    "source" TEXT NOT NULL,
    "actor_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "billing_profile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_rollup" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "account_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "access_key_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "provider_id" UUID NOT NULL,
    "status" "usage_status" NOT NULL,
    "reseller_id" UUID,
    "currency" CHAR(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "list_nano" BIGINT NOT NULL,
    "cost_nano" BIGINT NOT NULL,
    "wholesale_nano" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "operator_fee_nano" BIGINT NOT NULL,
    "seller_fee_nano" BIGINT NOT NULL,
    "exposure_nano" BIGINT NOT NULL,
    "latency_ms" BIGINT NOT NULL,

    CONSTRAINT "usage_rollup_pkey" PRIMARY KEY ("hour","account_id","project_id","access_key_id","model","provider_id","status")
);

-- CreateIndex
CREATE UNIQUE INDEX "credit_package_slug_key" ON "credit_package"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "payment_order_number_key" ON "payment_order"("number");

-- CreateIndex
CREATE UNIQUE INDEX "payment_order_reference_key" ON "payment_order"("reference");

-- CreateIndex
CREATE UNIQUE INDEX "payment_order_checkout_session_id_key" ON "payment_order"("checkout_session_id");

-- CreateIndex
CREATE UNIQUE INDEX "payment_order_payment_intent_id_key" ON "payment_order"("payment_intent_id");

-- CreateIndex
CREATE INDEX "payment_order_account_id_created_at_idx" ON "payment_order"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "payment_customer_provider_customer_id_key" ON "payment_customer"("provider", "customer_id");

-- CreateIndex
CREATE INDEX "payment_method_account_id_idx" ON "payment_method"("account_id");

-- CreateIndex
CREATE INDEX "webhook_event_order_id_idx" ON "webhook_event"("order_id");

-- CreateIndex
CREATE INDEX "webhook_event_received_at_idx" ON "webhook_event"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "refund_provider_refund_id_key" ON "refund"("provider_refund_id");

-- CreateIndex
CREATE INDEX "refund_order_id_idx" ON "refund"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "dispute_provider_dispute_id_key" ON "dispute"("provider_dispute_id");

-- CreateIndex
CREATE INDEX "dispute_order_id_idx" ON "dispute"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "bank_receipt_bank_reference_key" ON "bank_receipt"("bank_reference");

-- CreateIndex
CREATE INDEX "bank_receipt_order_id_idx" ON "bank_receipt"("order_id");

-- CreateIndex
CREATE INDEX "top_up_consent_account_id_idx" ON "top_up_consent"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "redemption_code_code_hash_key" ON "redemption_code"("code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "mail_dedupe_key_key" ON "mail"("dedupe_key");

-- CreateIndex
CREATE INDEX "mail_account_id_idx" ON "mail"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "billing_profile_account_id_version_key" ON "billing_profile"("account_id", "version");

-- CreateIndex
CREATE INDEX "usage_rollup_account_id_hour_idx" ON "usage_rollup"("account_id", "hour");

-- AddForeignKey
ALTER TABLE "credit_package" ADD CONSTRAINT "credit_package_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
