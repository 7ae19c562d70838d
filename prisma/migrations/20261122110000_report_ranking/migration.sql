-- What each customer brought each day, in one narrow row, so that those with the most are found without summing all.

-- CreateTable
CREATE TABLE "usage_customer_day" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "account_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "requests" BIGINT NOT NULL,
    "price_nano" BIGINT NOT NULL,
    "revenue_nano" BIGINT NOT NULL,

    CONSTRAINT "usage_customer_day_pkey" PRIMARY KEY ("account_id","day","currency")
);

-- The sums by account and day hold all of it already: what the next run adds to them, it adds here.
INSERT INTO "usage_customer_day" ("day", "account_id", "currency", "requests", "price_nano", "revenue_nano")
SELECT "day", "account_id", "currency", sum("requests"), sum("price_nano"),
       sum(CASE WHEN "reseller_id" = '00000000-0000-0000-0000-000000000000' THEN "price_nano" ELSE "wholesale_nano" END)
FROM "usage_account_day" GROUP BY "day", "account_id", "currency";

-- CreateIndex
CREATE INDEX "usage_customer_day_day_currency_revenue_nano_account_id_idx" ON "usage_customer_day"("day", "currency", "revenue_nano" DESC, "account_id");
