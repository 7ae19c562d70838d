import React, { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { exactAmount } from '../amount-text.js'
import { AccountPicker } from './account-picker.jsx'
import { ActForm } from './act-form.jsx'
import { AmountField, ChoiceField, LongTextField, TextField } from './fields.jsx'
import { AccountLink, ActingPage, Facts, Folded, Money, Section, WhyNot } from './page-parts.jsx'
import { useAsked, usePreview, useView } from './use-view.js'

/** An order by bank transfer: for whom, over what, and what the buyer is asked for. */
export default function NewOrderPage() {
  const { account } = useAsked()
  const navigate = useNavigate()
  const page = useView('new-order', { account })
  return (
    <ActingPage title="New order by bank transfer" page={page}>
      {(view) => (
        <Section title={view.account ? null : 'For whom?'}>
          {view.account ? (
            <>
              <p style={{ margin: 0 }}>
                For <AccountLink {...view.account} />
                {view.seller ? `, sold by ${view.seller.legalName}` : ''}
              </p>
              {view.seller?.hasBank ? (
                <OrderForm key={view.account.id} view={view} page={page} />
              ) : (
                <WhyNot>The seller must be set up with its bank details first: nobody could pay.</WhyNot>
              )}
            </>
          ) : (
            <AccountPicker onPick={(id) => navigate(`/admin/pages/new-order?account=${id}`)} />
          )}
        </Section>
      )}
    </ActingPage>
  )
}

function OrderForm({ view: { account, currency, packages, setsTerms }, page }) {
  const [total, setTotal] = useState(null)
  return (
    <ActForm
      act="order-create"
      hidden={{ accountId: account.id }}
      initial={{ packageId: '', dueDays: '30' }}
      button={total ? `Open the order over ${exactAmount(total, { kind: 'minor', currency })}` : 'Open the order'}
      onDone={page.done}
    >
      {(form) => {
        const chosen = packages.find(({ id }) => id === form.values.packageId)
        return (
          <>
            {setsTerms ? (
              <ChoiceField
                form={form}
                name="packageId"
                label="Package"
                choices={[
                  ['', 'None: an amount'],
                  ...packages
                    .filter((one) => one.currency === currency)
                    .map(({ id, name, priceMinor }) => [
                      id,
                      priceMinor === null ? name : `${name}, ${exactAmount(priceMinor, { kind: 'minor', currency })}`,
                    ]),
                ]}
              />
            ) : null}
            {chosen?.priceMinor ? null : (
              <AmountField
                form={form}
                name="netMinor"
                label="Amount before tax"
                currency={currency}
                hint="It buys as many credits, unless other terms are set."
              />
            )}
            <TextField form={form} name="dueDays" label="Due in days" inputMode="numeric" />
            <LongTextField form={form} name="note" label="Note (for your side; the buyer is not shown it)" />
            {setsTerms ? (
              <Folded title="Other terms">
                <div style={{ display: 'grid', gap: 16 }}>
                  <AmountField form={form} name="bonusNano" label="Bonus credits" currency={currency} />
                  <AmountField
                    form={form}
                    name="creditNano"
                    label="Credits instead of the amount"
                    currency={currency}
                  />
                  <AmountField
                    form={form}
                    name="taxMinor"
                    label="Tax instead of the one decided"
                    currency={currency}
                    hint="Empty: decided by where the buyer is."
                  />
                </div>
              </Folded>
            ) : null}
            <Preview account={account.id} values={form.values} onTotal={setTotal} />
          </>
        )
      }}
    </ActForm>
  )
}

function Preview({
  account,
  values: { packageId = '', netMinor = '', bonusNano = '', taxMinor = '', creditNano = '' },
  onTotal,
}) {
  const preview = usePreview('order-preview', { account, packageId, netMinor, bonusNano, taxMinor })
  const total = preview && !preview.problem && preview.totalMinor ? preview.totalMinor : null
  React.useEffect(() => onTotal(total), [total, onTotal])
  if (preview?.problem) return <p role="status">{preview.problem}</p>
  if (total === null) return null
  const { currency } = preview
  return (
    <div
      role="status"
      aria-label="What the buyer is asked for"
      style={{ background: '#f3f5f8', borderRadius: 6, padding: 16 }}
    >
      <Facts
        facts={[
          ['Before tax', <Money key="net" minor={preview.netMinor} currency={currency} />],
          [`Tax (${preview.taxText})`, <Money key="tax" minor={preview.taxMinor} currency={currency} />],
          ['To be paid', <Money key="total" minor={total} currency={currency} isLarge />],
          [
            'Credits',
            creditNano.trim() === '' ? (
              <Money key="credits" nano={preview.creditNano} currency={currency} />
            ) : (
              `${creditNano} ${currency}`
            ),
          ],
          preview.bonusNano === '0'
            ? null
            : ['Bonus', <Money key="bonus" nano={preview.bonusNano} currency={currency} />],
        ]}
      />
    </div>
  )
}
