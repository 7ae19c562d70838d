-- What the lists of the back office are ordered and scoped by. No view is needed: a row of several keys has an address
-- made of them, and is looked up by the keys themselves.

-- Of entries, the few that are no debit of usage are listed by time. All of them would cost each charge an entry in one more
-- tree (a tenth of the ledger's throughput, measured); a range of time is found by the blocks it lies in.
CREATE INDEX "ledger_entry_not_usage_by_time" ON "ledger_entry" ("created_at") WHERE "kind" <> 'USAGE_DEBIT';
CREATE INDEX "ledger_entry_blocks_by_time" ON "ledger_entry" USING brin ("created_at") WITH (autosummarize = on);

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor_id");

-- What belongs to no reseller costs nothing here.
CREATE INDEX "usage_event_of_reseller" ON "usage_event" ("reseller_id", "id") WHERE "reseller_id" IS NOT NULL;
CREATE INDEX "audit_entry_of_reseller" ON "audit_entry" ("reseller_id", "seq") WHERE "reseller_id" IS NOT NULL;
