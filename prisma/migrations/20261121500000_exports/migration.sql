-- CreateTable
CREATE TABLE "export_request" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "range_from" TIMESTAMPTZ(3) NOT NULL,
    "range_to" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "heartbeat_at" TIMESTAMPTZ(3),
    "rows_total" BIGINT,
    "rows_done" BIGINT NOT NULL DEFAULT 0,
    "size_bytes" BIGINT,
    "sha256" BYTEA,
    "storage_key" TEXT,
    "error" TEXT,
    "requested_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "export_request_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "export_request_account_id_idx" ON "export_request"("account_id");

ALTER TABLE "export_request"
  ADD CONSTRAINT "export_request_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "export_request_kind_known" CHECK ("kind" IN ('USAGE', 'STATEMENT')),
  ADD CONSTRAINT "export_request_format_known" CHECK ("format" IN ('csv', 'json', 'jsonl') AND ("kind" = 'USAGE' OR "format" = 'csv')),
  ADD CONSTRAINT "export_request_state_known" CHECK ("state" IN ('PENDING', 'RUNNING', 'DONE', 'FAILED', 'EXPIRED')),
  ADD CONSTRAINT "export_request_range_goes_forward" CHECK ("range_from" < "range_to"),
  ADD CONSTRAINT "export_request_counts_not_negative" CHECK ("attempts" >= 0 AND "rows_done" >= 0 AND "rows_total" >= 0 AND "size_bytes" >= 0),
  ADD CONSTRAINT "export_request_running_has_heartbeat" CHECK ("state" <> 'RUNNING' OR "heartbeat_at" IS NOT NULL),
  ADD CONSTRAINT "export_request_hash_is_sha256" CHECK (octet_length("sha256") = 32),
  ADD CONSTRAINT "export_request_file_when_done" CHECK (("state" = 'DONE') = ("storage_key" IS NOT NULL)),
  ADD CONSTRAINT "export_request_file_described" CHECK ("state" NOT IN ('DONE', 'EXPIRED')
    OR num_nulls("rows_total", "size_bytes", "sha256", "finished_at", "expires_at") = 0),
  ADD CONSTRAINT "export_request_error_when_failed" CHECK (("state" = 'FAILED') = ("error" IS NOT NULL));

-- What the sweep looks at: requests that are open, and files that will go.
CREATE INDEX "export_request_open" ON "export_request" ("created_at") WHERE "state" IN ('PENDING', 'RUNNING', 'DONE');
