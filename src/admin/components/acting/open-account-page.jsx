import React from 'react'
import { ActForm } from './act-form.jsx'
import { ChoiceField, TextField, TickField } from './fields.jsx'
import { ActingPage, Section } from './page-parts.jsx'
import { useView } from './use-view.js'

/** Opens a customer, or, for the operator's administrators, a reseller. */
export default function OpenAccountPage() {
  const page = useView('open-account')
  return (
    <ActingPage title="Open an account" page={page}>
      {(view) => (
        <>
          <Section title="A customer">
            <ActForm
              act="customer-open"
              initial={{ resellerId: '', development: false }}
              button={({ name }) => `Open the customer ${name?.trim() ?? ''}`}
              onDone={page.done}
            >
              {(form) => (
                <>
                  <TextField form={form} name="name" label="Name" />
                  {view.ownId ? null : (
                    <ChoiceField
                      form={form}
                      name="resellerId"
                      label="Customer of"
                      choices={[['', 'The operator'], ...view.resellers.map(({ id, name }) => [id, name])]}
                    />
                  )}
                  {view.isSandbox ? (
                    <TickField
                      form={form}
                      name="development"
                      label="For development"
                      hint="Credits can be granted to it without a payment."
                    />
                  ) : null}
                </>
              )}
            </ActForm>
          </Section>
          {view.canOpenReseller ? (
            <Section title="A reseller">
              <ActForm
                act="reseller-open"
                button={({ name }) => `Open the reseller ${name?.trim() ?? ''}`}
                onDone={page.done}
              >
                {(form) => <TextField form={form} name="name" label="Name" />}
              </ActForm>
            </Section>
          ) : null}
        </>
      )}
    </ActingPage>
  )
}
