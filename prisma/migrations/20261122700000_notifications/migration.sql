-- What an account wants to be told of, by mail and by webhook; exports of a part of the usage.

-- AlterTable
ALTER TABLE "export_request" ADD COLUMN     "filters" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "notification_setting" (
    "account_id" UUID NOT NULL,
    "low_balance_nano" BIGINT,
    "expiry_mails" BOOLEAN NOT NULL DEFAULT true,
    "top_up_mails" BOOLEAN NOT NULL DEFAULT true,
    "low_balance_told_at" TIMESTAMPTZ(3),
    "low_balance_crossings" INTEGER NOT NULL DEFAULT 0,
    "updated_by_id" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_setting_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "webhook_endpoint" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "secret_sealed" BYTEA NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_event" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempts_left" INTEGER NOT NULL,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_attempt_at" TIMESTAMPTZ(3),
    "last_status" INTEGER,
    "last_error" TEXT,
    "delivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_endpoint_account_id_idx" ON "webhook_endpoint"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "notification_event_account_id_type_source_key" ON "notification_event"("account_id", "type", "source");

-- CreateIndex
CREATE INDEX "webhook_delivery_account_id_id_idx" ON "webhook_delivery"("account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_delivery_event_id_endpoint_id_key" ON "webhook_delivery"("event_id", "endpoint_id");

ALTER TABLE "notification_setting"
  ADD CONSTRAINT "notification_setting_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "notification_setting_low_balance_positive" CHECK ("low_balance_nano" > 0),
  ADD CONSTRAINT "notification_setting_told_of_something" CHECK ("low_balance_nano" IS NOT NULL OR "low_balance_told_at" IS NULL);

ALTER TABLE "webhook_endpoint"
  ADD CONSTRAINT "webhook_endpoint_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT;

ALTER TABLE "notification_event"
  ADD CONSTRAINT "notification_event_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "notification_event_data_is_object" CHECK (jsonb_typeof("data") = 'object');

ALTER TABLE "webhook_delivery"
  ADD CONSTRAINT "webhook_delivery_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoint" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "webhook_delivery_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "notification_event" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "webhook_delivery_state" CHECK ("state" IN ('PENDING', 'DELIVERED', 'FAILED', 'CANCELED'));

-- What a receiver was told once it is told again in the same words.
CREATE TRIGGER "notification_event_append_only" BEFORE UPDATE OR DELETE ON "notification_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The sweeps look at these alone.
CREATE INDEX "webhook_endpoint_open" ON "webhook_endpoint" ("account_id") WHERE "removed_at" IS NULL;
CREATE INDEX "webhook_delivery_pending" ON "webhook_delivery" ("created_at") WHERE "state" = 'PENDING';
CREATE INDEX "notification_setting_low_balance" ON "notification_setting" ("account_id") WHERE "low_balance_nano" IS NOT NULL;

ALTER TABLE "export_request"
  ADD CONSTRAINT "export_request_filters_is_object" CHECK (jsonb_typeof("filters") = 'object');
