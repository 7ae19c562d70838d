import React, { useState } from 'react'
import { ActForm } from './act-form.jsx'
import { AmountField, DayField, TextField } from './fields.jsx'
import { AccountLink, ActingPage, Money, Section, Table, Time } from './page-parts.jsx'
import { useView } from './use-view.js'

/** Redemption codes: made and shown once, looked up by their ends, disabled. */
export default function CodesPage() {
  const page = useView('codes')
  const [secrets, setSecrets] = useState(null)
  const made = (done) => {
    setSecrets(done.secrets ?? null)
    return page.done(done)
  }
  return (
    <ActingPage title="Redemption codes" page={page}>
      {({ codes, currency }) => (
        <>
          {secrets ? <Secrets secrets={secrets} onClose={() => setSecrets(null)} /> : null}
          <Section title="Make codes">
            <ActForm
              act="codes-make"
              initial={{ count: '1', creditDays: '365' }}
              button={({ count, amountNano }) =>
                `Make ${count || '?'} ${count === '1' ? 'code' : 'codes'} of ${amountNano?.trim() || '?'} ${currency}`
              }
              onDone={made}
            >
              {(form) => (
                <>
                  <TextField form={form} name="count" label="How many" inputMode="numeric" />
                  <AmountField form={form} name="amountNano" label="Credits of each" currency={currency} />
                  <TextField form={form} name="creditDays" label="The credits last for days" inputMode="numeric" />
                  <DayField
                    form={form}
                    name="expiresAt"
                    label="Can be redeemed until the end of (UTC; empty: always)"
                  />
                  <TextField form={form} name="note" label="Note (may be left out)" />
                </>
              )}
            </ActForm>
          </Section>
          <Section title="The latest codes">
            <Table
              caption="Codes"
              empty="No code was made yet."
              rows={codes}
              keyOf={({ id }) => id}
              columns={[
                { title: 'Ends with', of: ({ hint }) => <code>…{hint}</code> },
                {
                  title: 'Worth',
                  isAmount: true,
                  of: (code) => <Money nano={code.amountNano} currency={code.currency} />,
                },
                { title: 'Made', of: ({ createdAt }) => <Time at={createdAt} /> },
                { title: 'Until', of: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'Always') },
                { title: 'Note', of: ({ note }) => note },
                { title: 'State', of: (code) => <CodeState code={code} page={page} /> },
              ]}
            />
          </Section>
        </>
      )}
    </ActingPage>
  )
}

function CodeState({ code: { id, hint, redeemedAt, redeemedById, redeemedBy, disabledAt }, page }) {
  if (redeemedAt) {
    return (
      <>
        Redeemed by <AccountLink id={redeemedById} name={redeemedBy} />, <Time at={redeemedAt} />
      </>
    )
  }
  if (disabledAt) return 'Disabled'
  return <ActForm act="code-disable" hidden={{ codeId: id }} button={`Disable …${hint}`} isDanger onDone={page.done} />
}

function Secrets({ secrets, onClose }) {
  const copy = () => navigator.clipboard?.writeText(secrets.join('\n'))
  return (
    <Section title="The codes, shown once">
      <p style={{ margin: 0 }}>Copy them now: nobody can read them again.</p>
      <pre
        style={{
          margin: 0,
          padding: 16,
          background: '#f3f5f8',
          borderRadius: 6,
          userSelect: 'all',
          fontFamily: 'ui-monospace, monospace',
          overflow: 'auto',
          maxHeight: 320,
        }}
      >
        {secrets.join('\n')}
      </pre>
      <p style={{ margin: 0, display: 'flex', gap: 16 }}>
        <button type="button" onClick={copy}>
          Copy
        </button>
        <button type="button" onClick={onClose}>
          I have them
        </button>
      </p>
    </Section>
  )
}
