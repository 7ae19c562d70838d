-- Sums of usage become incremental: events are folded in once, by the transaction that wrote them. What was summed before
-- cannot tell which events it holds, so it goes; the next run sums all there is, a day at a time, and until then every
-- reader takes the events themselves.
TRUNCATE TABLE "usage_rollup";
DELETE FROM "setting" WHERE "key" = 'usage_rollup.settled_until';

-- AlterTable
ALTER TABLE "usage_rollup" DROP CONSTRAINT "usage_rollup_pkey",
ADD COLUMN     "route_id" UUID NOT NULL,
ADD COLUMN     "unlisted_nano" BIGINT NOT NULL,
ALTER COLUMN "reseller_id" SET NOT NULL,
ADD CONSTRAINT "usage_rollup_pkey" PRIMARY KEY ("account_id", "hour", "project_id", "access_key_id", "model", "provider_id", "route_id", "reseller_id", "status");

-- DropIndex
DROP INDEX "usage_rollup_account_id_hour_idx";

-- CreateIndex
CREATE INDEX "usage_rollup_hour_idx" ON "usage_rollup"("hour");

-- CreateTable
CREATE TABLE "usage_route_hour" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "reseller_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "provider_id" UUID NOT NULL,
    "route_id" UUID NOT NULL,
    "status" "usage_status" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "list_nano" BIGINT NOT NULL,
    "unlisted_nano" BIGINT NOT NULL,
    "cost_nano" BIGINT NOT NULL,
    "wholesale_nano" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "operator_fee_nano" BIGINT NOT NULL,
    "seller_fee_nano" BIGINT NOT NULL,
    "exposure_nano" BIGINT NOT NULL,
    "latency_ms" BIGINT NOT NULL,

    CONSTRAINT "usage_route_hour_pkey" PRIMARY KEY ("hour","reseller_id","model","provider_id","route_id","status","currency")
);

-- CreateTable
CREATE TABLE "usage_route_day" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "reseller_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "provider_id" UUID NOT NULL,
    "route_id" UUID NOT NULL,
    "status" "usage_status" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "list_nano" BIGINT NOT NULL,
    "unlisted_nano" BIGINT NOT NULL,
    "cost_nano" BIGINT NOT NULL,
    "wholesale_nano" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "operator_fee_nano" BIGINT NOT NULL,
    "seller_fee_nano" BIGINT NOT NULL,
    "exposure_nano" BIGINT NOT NULL,
    "latency_ms" BIGINT NOT NULL,

    CONSTRAINT "usage_route_day_pkey" PRIMARY KEY ("day","reseller_id","model","provider_id","route_id","status","currency")
);

-- CreateTable
CREATE TABLE "usage_account_day" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "account_id" UUID NOT NULL,
    "reseller_id" UUID NOT NULL,
    "status" "usage_status" NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "list_nano" BIGINT NOT NULL,
    "unlisted_nano" BIGINT NOT NULL,
    "cost_nano" BIGINT NOT NULL,
    "wholesale_nano" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "operator_fee_nano" BIGINT NOT NULL,
    "seller_fee_nano" BIGINT NOT NULL,
    "exposure_nano" BIGINT NOT NULL,
    "latency_ms" BIGINT NOT NULL,

    CONSTRAINT "usage_account_day_pkey" PRIMARY KEY ("account_id","day","reseller_id","status","currency")
);

-- CreateIndex
CREATE INDEX "usage_account_day_day_idx" ON "usage_account_day"("day");

-- CreateIndex
CREATE INDEX "usage_account_day_reseller_id_day_idx" ON "usage_account_day"("reseller_id", "day");

-- CreateIndex
CREATE INDEX "usage_route_hour_reseller_id_hour_idx" ON "usage_route_hour"("reseller_id", "hour");

-- CreateIndex
CREATE INDEX "usage_route_day_reseller_id_day_idx" ON "usage_route_day"("reseller_id", "day");

-- The same rows of a period are added to at every run: room for that in their pages.
ALTER TABLE "usage_rollup" SET (fillfactor = 80);
ALTER TABLE "usage_route_hour" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE "usage_route_day" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE "usage_account_day" SET (fillfactor = 80);

-- All that moves a balance besides requests, which are many: pages look for them among these. A request's debit does not
-- touch it.
CREATE INDEX "ledger_entry_not_usage" ON "ledger_entry" ("account_id", "seq") WHERE "kind" <> 'USAGE_DEBIT';
