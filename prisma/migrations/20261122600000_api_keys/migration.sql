-- Credentials of the management API, what an account wants of its requests, and access keys that are revoked for ever.

-- AlterTable
ALTER TABLE "access_key" ADD COLUMN     "created_by_id" UUID,
ADD COLUMN     "revoked_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_configuration" (
    "account_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "request_timeout_ms" INTEGER,
    "max_output_tokens" INTEGER,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "updated_by_id" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_configuration_pkey" PRIMARY KEY ("account_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_key_secret_hash_key" ON "api_key"("secret_hash");

-- CreateIndex
CREATE INDEX "api_key_account_id_idx" ON "api_key"("account_id");

-- What is revoked calls nothing any more, and comes back by no means.
ALTER TABLE "access_key"
  ADD CONSTRAINT "access_key_revoked_is_disabled" CHECK ("revoked_at" IS NULL OR "disabled_at" IS NOT NULL);

ALTER TABLE "api_key"
  ADD CONSTRAINT "api_key_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "api_key_revoked_is_disabled" CHECK ("revoked_at" IS NULL OR "disabled_at" IS NOT NULL),
  ADD CONSTRAINT "api_key_secret_hash_is_sha256" CHECK (octet_length("secret_hash") = 32),
  ADD CONSTRAINT "api_key_has_scopes" CHECK (cardinality("scopes") > 0);

ALTER TABLE "account_configuration"
  ADD CONSTRAINT "account_configuration_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE RESTRICT,
  ADD CONSTRAINT "account_configuration_version_positive" CHECK ("version" > 0),
  ADD CONSTRAINT "account_configuration_limits_positive" CHECK ("request_timeout_ms" > 0 AND "max_output_tokens" > 0),
  ADD CONSTRAINT "account_configuration_metadata_is_object" CHECK (jsonb_typeof("metadata") = 'object');

CREATE FUNCTION refuse_key_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% % is revoked for ever', TG_TABLE_NAME, OLD."id" USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "access_key_stays_revoked" BEFORE UPDATE OF "disabled_at", "revoked_at", "secret_hash" ON "access_key" FOR EACH ROW
  WHEN (OLD."revoked_at" IS NOT NULL) EXECUTE FUNCTION refuse_key_revival();
CREATE TRIGGER "api_key_stays_revoked" BEFORE UPDATE OF "disabled_at", "revoked_at", "secret_hash" ON "api_key" FOR EACH ROW
  WHEN (OLD."revoked_at" IS NOT NULL) EXECUTE FUNCTION refuse_key_revival();

-- Processes that remember credentials are told of a change at once. That one was used is no change.
CREATE TRIGGER "api_key_notify" AFTER INSERT OR DELETE
  OR UPDATE OF "account_id", "name", "secret_hash", "scopes", "expires_at", "disabled_at", "revoked_at" ON "api_key"
  FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
CREATE TRIGGER "account_configuration_notify" AFTER INSERT OR UPDATE OR DELETE ON "account_configuration"
  FOR EACH STATEMENT EXECUTE FUNCTION notify_change('farebox_access');
