import React from 'react'
import { ActForm } from './act-form.jsx'
import { ChoiceField, TextField } from './fields.jsx'
import { Folded, Section } from './page-parts.jsx'

/** What may be changed about an account itself. */
export function AccountActs({ view: { account, plans, can }, page }) {
  if (!can.rename && !can.change) return null
  const hidden = { accountId: account.id }
  const why = (form) => <TextField form={form} name="reason" label="Why (for the audit log; may be left out)" />
  const isDisabled = account.disabledAt !== null
  return (
    <Section title="Change the account">
      {can.rename ? (
        <Folded title="Rename">
          <ActForm
            act="account-rename"
            hidden={hidden}
            initial={{ name: account.name }}
            button="Rename the account"
            onDone={page.done}
          >
            {(form) => <TextField form={form} name="name" label="Name" />}
          </ActForm>
        </Folded>
      ) : null}
      {can.change ? (
        <>
          <Folded title="Change the plan">
            <ActForm
              act="account-plan"
              hidden={hidden}
              initial={{ planId: account.planId ?? '' }}
              button={`Change the plan of ${account.name}`}
              onDone={page.done}
            >
              {(form) => (
                <>
                  <ChoiceField
                    form={form}
                    name="planId"
                    label="Plan"
                    choices={[['', 'None'], ...plans.map(({ id, name }) => [id, name])]}
                  />
                  {why(form)}
                </>
              )}
            </ActForm>
          </Folded>
          <Folded title={isDisabled ? 'Enable' : 'Disable'}>
            <ActForm
              act="account-access"
              hidden={{ ...hidden, disabled: !isDisabled }}
              button={isDisabled ? `Enable ${account.name}` : `Disable ${account.name}: its keys are refused at once`}
              isDanger={!isDisabled}
              onDone={page.done}
            >
              {why}
            </ActForm>
          </Folded>
        </>
      ) : null}
      {can.development ? (
        <Folded title="Development account">
          <ActForm
            act="account-development"
            hidden={{ ...hidden, development: !account.development }}
            button={account.development ? 'Make it an ordinary account' : 'Make it a development account'}
            onDone={page.done}
          >
            {why}
          </ActForm>
        </Folded>
      ) : null}
    </Section>
  )
}
