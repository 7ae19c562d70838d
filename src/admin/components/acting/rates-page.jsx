import React from 'react'
import { ActForm } from './act-form.jsx'
import { DayField, TextField } from './fields.jsx'
import { ActingPage, Folded, Section, Table } from './page-parts.jsx'
import { useView } from './use-view.js'

const percent = (bps) =>
  `${Math.trunc(bps / 100)}${
    bps % 100 === 0
      ? ''
      : `.${String(bps % 100)
          .padStart(2, '0')
          .replace(/0$/, '')}`
  } %`
const RATE_COLUMNS = [
  { title: 'Where', of: ({ territory }) => territory },
  { title: 'From', of: ({ from }) => from },
  { title: 'Rate', isAmount: true, of: ({ rateBps }) => percent(rateBps) },
  { title: 'Source', of: ({ source }) => source },
]
const keyOf = ({ territory, from }) => `${territory} ${from}`

/** The tax rates that the operator has added to those that came with the program, and exchange rates. */
export default function RatesPage() {
  const page = useView('tax-rates')
  return (
    <ActingPage title="Tax and exchange rates" page={page}>
      {({ added, shipped, exchangeRates }) => (
        <>
          <Section title="Tax rates that you have added">
            <Table
              caption="Tax rates added"
              empty="None: the rates that came with the program hold."
              rows={added}
              keyOf={keyOf}
              columns={RATE_COLUMNS}
            />
            <ActForm
              act="tax-rate-add"
              button={({ territory, rateBps }) =>
                `Add the rate${rateBps ? ` of ${rateBps} %` : ''}${territory ? ` in ${territory.toUpperCase()}` : ''}`
              }
              onDone={page.done}
            >
              {(form) => (
                <>
                  <TextField form={form} name="territory" label="Country, such as DE, or part of one, such as US-CA" />
                  <TextField form={form} name="rateBps" label="Rate in per cent" inputMode="decimal" />
                  <DayField form={form} name="from" label="First day" />
                  <TextField form={form} name="source" label="The law or publication that says so" />
                </>
              )}
            </ActForm>
            <Folded title={`The ${shipped.length} rates that came with the program`}>
              <Table caption="Tax rates of the program" rows={shipped} keyOf={keyOf} columns={RATE_COLUMNS} />
            </Folded>
          </Section>
          <Section title="Exchange rates">
            <p style={{ margin: 0 }}>
              For the tax on invoices, in the seller’s own currency. A rate is never changed: the one added last for a
              day counts.
            </p>
            <Table
              caption="Exchange rates"
              empty="None yet."
              rows={exchangeRates}
              keyOf={({ id }) => id}
              columns={[
                { title: 'Day', of: ({ date }) => date },
                { title: 'Of', of: ({ from }) => from },
                { title: 'In', of: ({ to }) => to },
                { title: 'Rate', isAmount: true, of: ({ rate }) => rate },
                { title: 'Published by', of: ({ source }) => source },
              ]}
            />
            <ActForm
              act="exchange-rate-add"
              button={({ from, to }) =>
                `Add the rate${from && to ? ` of ${from.toUpperCase()} in ${to.toUpperCase()}` : ''}`
              }
              onDone={page.done}
            >
              {(form) => (
                <>
                  <TextField form={form} name="from" label="One unit of" placeholder="USD" />
                  <TextField form={form} name="to" label="Is worth, in" placeholder="EUR" />
                  <TextField form={form} name="rate" label="Rate" inputMode="decimal" placeholder="0.92310" />
                  <DayField form={form} name="date" label="Day" />
                  <TextField form={form} name="source" label="Published by" placeholder="ECB" />
                </>
              )}
            </ActForm>
          </Section>
        </>
      )}
    </ActingPage>
  )
}
