-- What the lists of the back office are ordered and scoped by. No view is needed: a row of several keys has an address
-- made of them, and is looked up by the keys themselves.

-- CreateIndex
CREATE INDEX "ledger_entry_created_at_idx" ON "ledger_entry"("created_at");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor_id");

-- What belongs to no reseller costs nothing here.
CREATE INDEX "usage_event_of_reseller" ON "usage_event" ("reseller_id", "id") WHERE "reseller_id" IS NOT NULL;
CREATE INDEX "audit_entry_of_reseller" ON "audit_entry" ("reseller_id", "seq") WHERE "reseller_id" IS NOT NULL;
