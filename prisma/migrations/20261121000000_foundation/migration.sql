-- CreateEnum
CREATE TYPE "account_kind" AS ENUM ('CUSTOMER', 'RESELLER');

-- CreateEnum
CREATE TYPE "member_role" AS ENUM ('OWNER', 'BILLING', 'DEVELOPER', 'VIEWER');

-- CreateEnum
CREATE TYPE "staff_role" AS ENUM ('ADMIN', 'FINANCE', 'SUPPORT');

-- CreateEnum
CREATE TYPE "provider_protocol" AS ENUM ('openai', 'anthropic', 'gemini');

-- CreateEnum
CREATE TYPE "route_state" AS ENUM ('ACTIVE', 'DISABLED');

-- CreateEnum
CREATE TYPE "price_rule_kind" AS ENUM ('MARKUP_ON_COST', 'ADDITION_PER_MILLION', 'DISCOUNT_OFF_LIST', 'ABSOLUTE');

-- CreateEnum
CREATE TYPE "budget_period" AS ENUM ('DAY', 'WEEK', 'MONTH', 'TOTAL');

-- CreateEnum
CREATE TYPE "entry_kind" AS ENUM ('PURCHASE', 'AUTO_TOP_UP', 'MANUAL_SETTLEMENT', 'GRANT', 'USAGE_DEBIT', 'ADJUSTMENT', 'REFUND', 'DISPUTE', 'DISPUTE_REVERSAL', 'EXPIRY', 'EXTENSION');

-- CreateEnum
CREATE TYPE "usage_status" AS ENUM ('COMPLETED', 'CLIENT_ABORTED', 'PROVIDER_ABORTED', 'FAILED', 'ABANDONED');

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "kind" "account_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "reseller_id" UUID,
    "plan_id" UUID,
    "seller_fee_nano" BIGINT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "staff_role" "staff_role",
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "role" "member_role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "project" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_key" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[] NOT NULL DEFAULT ARRAY['inference', 'balance']::TEXT[],
    "allowed_models" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "allowed_ips" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "max_output_tokens" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "access_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "project_id" UUID,
    "access_key_id" UUID,
    "period" "budget_period" NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "period_start" TIMESTAMPTZ(3) NOT NULL,
    "spent_nano" BIGINT NOT NULL DEFAULT 0,
    "held_nano" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "protocol" "provider_protocol" NOT NULL,
    "base_url" TEXT NOT NULL,
    "output_cap_parameter" TEXT NOT NULL DEFAULT 'max_tokens',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_key" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "account_id" UUID,
    "secret_sealed" BYTEA,
    "secret_env" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "context_window" INTEGER NOT NULL,
    "max_output_tokens" INTEGER NOT NULL,
    "max_image_tokens" INTEGER,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_alias" (
    "name" TEXT NOT NULL,
    "model_id" UUID NOT NULL,

    CONSTRAINT "model_alias_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "route" (
    "id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "upstream_model" TEXT NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "state" "route_state" NOT NULL DEFAULT 'ACTIVE',
    "allow_negative_margin" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "route_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cost_profile" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "upstream_model" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "rates" JSONB NOT NULL,
    "source" TEXT,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cost_profile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "list_price" (
    "id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "rates" JSONB NOT NULL,
    "source" TEXT,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "list_price_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_rule" (
    "id" UUID NOT NULL,
    "seller_id" UUID,
    "account_id" UUID,
    "plan_id" UUID,
    "model_id" UUID,
    "provider_id" UUID,
    "kind" "price_rule_kind" NOT NULL,
    "markup_bps" INTEGER,
    "addition_nano" BIGINT,
    "discount_bps" INTEGER,
    "rates" JSONB,
    "allow_negative_margin" BOOLEAN NOT NULL DEFAULT false,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "retired_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "price_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "wallet" (
    "account_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "balance_nano" BIGINT NOT NULL DEFAULT 0,
    "held_nano" BIGINT NOT NULL DEFAULT 0,
    "debt_nano" BIGINT NOT NULL DEFAULT 0,
    "entry_seq" BIGINT NOT NULL DEFAULT 0,
    "entry_hash" BYTEA NOT NULL,

    CONSTRAINT "wallet_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "credit_lot" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "source_kind" "entry_kind" NOT NULL,
    "source_id" UUID NOT NULL,
    "priority" SMALLINT NOT NULL,
    "promotional" BOOLEAN NOT NULL DEFAULT false,
    "granted_nano" BIGINT NOT NULL,
    "remaining_nano" BIGINT NOT NULL,
    "held_nano" BIGINT NOT NULL DEFAULT 0,
    "open" BOOLEAN NOT NULL DEFAULT true,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_lot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "account_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "kind" "entry_kind" NOT NULL,
    "source_id" UUID NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "balance_after_nano" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "actor_id" UUID,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "lot_ids" UUID[] NOT NULL,
    "lot_amounts_nano" BIGINT[] NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("account_id","seq")
);

-- CreateTable
CREATE TABLE "hold" (
    "request_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "amount_nano" BIGINT NOT NULL,
    "lot_ids" UUID[] NOT NULL,
    "lot_amounts_nano" BIGINT[] NOT NULL,
    "budget_ids" UUID[] NOT NULL,
    "reseller_id" UUID,
    "reseller_amount_nano" BIGINT NOT NULL DEFAULT 0,
    "reseller_lot_ids" UUID[] NOT NULL,
    "reseller_lot_amounts_nano" BIGINT[] NOT NULL,
    "instance_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "access_key_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "surface" TEXT NOT NULL,
    "streaming" BOOLEAN NOT NULL,
    "cost_bound_nano" BIGINT NOT NULL,
    "output_tokens_max" INTEGER NOT NULL,
    "authorized_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hold_pkey" PRIMARY KEY ("request_id")
);

-- CreateTable
CREATE TABLE "usage_event" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "reseller_id" UUID,
    "project_id" UUID NOT NULL,
    "access_key_id" UUID NOT NULL,
    "surface" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "route_id" UUID,
    "provider_id" UUID,
    "upstream_model" TEXT,
    "status" "usage_status" NOT NULL,
    "http_status" SMALLINT NOT NULL,
    "error_code" TEXT,
    "streaming" BOOLEAN NOT NULL,
    "estimated" BOOLEAN NOT NULL,
    "own_key" BOOLEAN NOT NULL,
    "input_tokens" INTEGER NOT NULL,
    "cache_read_tokens" INTEGER NOT NULL,
    "cache_write_5m_tokens" INTEGER NOT NULL,
    "cache_write_1h_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "currency" CHAR(3) NOT NULL DEFAULT 'USD',
    "list_nano" BIGINT,
    "cost_nano" BIGINT NOT NULL,
    "wholesale_nano" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "operator_fee_nano" BIGINT NOT NULL,
    "seller_fee_nano" BIGINT NOT NULL,
    "cost_profile_id" UUID,
    "list_price_id" UUID,
    "operator_rule_id" UUID,
    "reseller_rule_id" UUID,
    "exposure_nano" BIGINT NOT NULL DEFAULT 0,
    "attempts" SMALLINT NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "first_byte_ms" INTEGER,
    "client_ip" TEXT,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_event_pkey" PRIMARY KEY ("id")
) PARTITION BY RANGE ("id");

-- CreateTable
CREATE TABLE "route_attempt" (
    "request_id" UUID NOT NULL,
    "ordinal" SMALLINT NOT NULL,
    "route_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "http_status" SMALLINT,
    "error_code" TEXT NOT NULL,
    "latency_ms" INTEGER NOT NULL,
    "cost_nano" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "route_attempt_pkey" PRIMARY KEY ("request_id","ordinal")
);

-- CreateTable
CREATE TABLE "gateway_instance" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_slug_key" ON "account"("slug");

-- CreateIndex
CREATE INDEX "account_reseller_id_idx" ON "account"("reseller_id");

-- CreateIndex
CREATE UNIQUE INDEX "plan_slug_key" ON "plan"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "membership_account_id_idx" ON "membership"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_user_id_account_id_key" ON "membership"("user_id", "account_id");

-- CreateIndex
CREATE UNIQUE INDEX "project_account_id_name_key" ON "project"("account_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "access_key_secret_hash_key" ON "access_key"("secret_hash");

-- CreateIndex
CREATE INDEX "access_key_account_id_idx" ON "access_key"("account_id");

-- CreateIndex
CREATE INDEX "access_key_project_id_idx" ON "access_key"("project_id");

-- CreateIndex
CREATE INDEX "budget_account_id_idx" ON "budget"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_slug_key" ON "provider"("slug");

-- CreateIndex
CREATE INDEX "provider_key_provider_id_idx" ON "provider_key"("provider_id");

-- CreateIndex
CREATE UNIQUE INDEX "model_name_key" ON "model"("name");

-- CreateIndex
CREATE INDEX "model_alias_model_id_idx" ON "model_alias"("model_id");

-- CreateIndex
CREATE INDEX "route_provider_id_idx" ON "route"("provider_id");

-- CreateIndex
CREATE UNIQUE INDEX "route_model_id_provider_id_upstream_model_key" ON "route"("model_id", "provider_id", "upstream_model");

-- CreateIndex
CREATE UNIQUE INDEX "cost_profile_provider_id_upstream_model_effective_from_key" ON "cost_profile"("provider_id", "upstream_model", "effective_from");

-- CreateIndex
CREATE UNIQUE INDEX "list_price_model_id_effective_from_key" ON "list_price"("model_id", "effective_from");

-- CreateIndex
CREATE INDEX "price_rule_seller_id_idx" ON "price_rule"("seller_id");

-- CreateIndex
CREATE INDEX "price_rule_account_id_idx" ON "price_rule"("account_id");

-- CreateIndex
CREATE INDEX "price_rule_model_id_idx" ON "price_rule"("model_id");

-- CreateIndex
CREATE INDEX "credit_lot_account_id_created_at_idx" ON "credit_lot"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_kind_source_id_account_id_key" ON "ledger_entry"("kind", "source_id", "account_id");

-- CreateIndex

-- CreateIndex
CREATE INDEX "usage_event_account_id_id_idx" ON "usage_event"("account_id", "id");

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_reseller_id_fkey" FOREIGN KEY ("reseller_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "project" ADD CONSTRAINT "project_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_key" ADD CONSTRAINT "access_key_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_key" ADD CONSTRAINT "access_key_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_key" ADD CONSTRAINT "provider_key_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_alias" ADD CONSTRAINT "model_alias_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "route" ADD CONSTRAINT "route_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "route" ADD CONSTRAINT "route_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "cost_profile" ADD CONSTRAINT "cost_profile_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "list_price" ADD CONSTRAINT "list_price_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rule" ADD CONSTRAINT "price_rule_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rule" ADD CONSTRAINT "price_rule_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rule" ADD CONSTRAINT "price_rule_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rule" ADD CONSTRAINT "price_rule_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price_rule" ADD CONSTRAINT "price_rule_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "provider"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "wallet" ADD CONSTRAINT "wallet_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

