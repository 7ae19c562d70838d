import React from 'react'
import { ActForm } from './act-form.jsx'
import { ChoiceField, TextField } from './fields.jsx'
import { ActingPage, Section, Table, Time } from './page-parts.jsx'
import { useView } from './use-view.js'

const ROLES = [
  ['ADMIN', 'Administrator: everything'],
  ['FINANCE', 'Finance: money, prices, invoices'],
  ['SUPPORT', 'Support: looks, and writes notes'],
]
const word = (role) => ROLES.find(([value]) => value === role)?.[1].split(':')[0]

/** The operator's people: who they are, what they may, and who is invited. */
export default function StaffPage() {
  const page = useView('staff')
  return (
    <ActingPage title="Staff" page={page}>
      {({ people, invitations, ownId }) => (
        <>
          <Section>
            <Table
              caption="The operator’s people"
              rows={people}
              keyOf={({ id }) => id}
              columns={[
                { title: 'Name', of: ({ name }) => name },
                { title: 'E-mail', of: ({ email }) => email },
                { title: 'Role', of: ({ staffRole }) => word(staffRole) },
                {
                  title: 'State',
                  of: ({ disabledAt }) =>
                    disabledAt ? (
                      <>
                        Disabled since <Time at={disabledAt} />
                      </>
                    ) : (
                      'Active'
                    ),
                },
                {
                  title: 'Change',
                  of: (person) =>
                    person.id === ownId ? 'Another administrator does' : <ChangePerson person={person} page={page} />,
                },
              ]}
            />
          </Section>
          <Section title="Invite somebody to the staff">
            {invitations.length > 0 ? (
              <Table
                caption="Invitations that are open"
                rows={invitations}
                keyOf={({ id }) => id}
                columns={[
                  { title: 'Invited', of: ({ email }) => email },
                  { title: 'As', of: ({ role }) => word(role) },
                  { title: 'Until', of: ({ expiresAt }) => <Time at={expiresAt} /> },
                ]}
              />
            ) : null}
            <ActForm
              act="staff-invite"
              initial={{ staffRole: 'SUPPORT' }}
              button={({ email }) => `Invite ${email?.trim() || 'them'} to the staff`}
              onDone={page.done}
            >
              {(form) => (
                <>
                  <TextField form={form} name="email" label="E-mail address" type="email" />
                  <ChoiceField form={form} name="staffRole" label="Role" choices={ROLES} />
                </>
              )}
            </ActForm>
          </Section>
        </>
      )}
    </ActingPage>
  )
}

function ChangePerson({ person: { id, name, staffRole, disabledAt }, page }) {
  const why = (form) => <TextField form={form} name="reason" label="Why (may be left out)" />
  return (
    <details>
      <summary style={{ cursor: 'pointer', color: '#2a4bd7' }} aria-label={`Change ${name}`}>
        Change
      </summary>
      <div style={{ display: 'grid', gap: 12, paddingTop: 8 }}>
        <ActForm
          act="staff-role"
          hidden={{ userId: id }}
          initial={{ staffRole: staffRole ?? '' }}
          button={`Change the role of ${name}`}
          onDone={page.done}
        >
          {(form) => (
            <>
              <ChoiceField
                form={form}
                name="staffRole"
                label="Role"
                choices={[...ROLES, ['', 'None: no longer of the staff']]}
              />
              {why(form)}
            </>
          )}
        </ActForm>
        <ActForm
          act="person-access"
          hidden={{ userId: id, disabled: disabledAt === null }}
          button={disabledAt === null ? `Disable ${name}` : `Enable ${name}`}
          isDanger={disabledAt === null}
          onDone={page.done}
        >
          {why}
        </ActForm>
      </div>
    </details>
  )
}
