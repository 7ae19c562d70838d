import React from 'react'
import { ActForm } from './act-form.jsx'
import { ChoiceField, LongTextField, TextField } from './fields.jsx'
import { Facts, Folded, Section, Table, Time } from './page-parts.jsx'

const ROLES = [
  ['OWNER', 'Owner'],
  ['BILLING', 'Billing'],
  ['DEVELOPER', 'Developer'],
  ['VIEWER', 'Viewer'],
]

/** The people of an account, whom its documents are made out to, and what is noted about it. */
export function AccountPeople({ view, page }) {
  const { account, members, invitations, billingProfile: profile, notes, can } = view
  return (
    <>
      <Section title="People">
        <Table
          caption="Members"
          empty="Nobody is a member yet."
          rows={members}
          keyOf={({ userId }) => userId}
          columns={[
            { title: 'Name', of: ({ name }) => name },
            { title: 'E-mail', of: ({ email }) => email },
            { title: 'Role', of: ({ role }) => ROLES.find(([value]) => value === role)?.[1] },
            { title: 'Since', of: ({ memberSince }) => <Time at={memberSince} /> },
            ...(can.people
              ? [{ title: 'Change', of: (member) => <ChangeMember {...{ account, member, page }} /> }]
              : []),
          ]}
        />
        {invitations.length > 0 ? (
          <Table
            caption="Invitations that are open"
            rows={invitations}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Invited', of: ({ email }) => email },
              { title: 'As', of: ({ role }) => ROLES.find(([value]) => value === role)?.[1] },
              { title: 'Until', of: ({ expiresAt }) => <Time at={expiresAt} /> },
            ]}
          />
        ) : null}
        {can.people ? (
          <Folded title="Invite a person">
            <ActForm
              act="member-invite"
              hidden={{ accountId: account.id }}
              initial={{ role: 'OWNER' }}
              button={({ email }) => `Invite ${email?.trim() || 'them'}`}
              onDone={page.done}
            >
              {(form) => (
                <>
                  <TextField form={form} name="email" label="E-mail address" type="email" />
                  <ChoiceField form={form} name="role" label="Role" choices={ROLES} />
                </>
              )}
            </ActForm>
          </Folded>
        ) : null}
      </Section>
      <Section title="Billing profile">
        {profile ? (
          <Facts
            facts={[
              ['Name', profile.name],
              ['E-mail', profile.email],
              [
                'Address',
                [
                  profile.line1,
                  profile.line2,
                  [profile.postalCode, profile.city].filter(Boolean).join(' '),
                  profile.region,
                  profile.country,
                ]
                  .filter(Boolean)
                  .join(', ') || null,
              ],
              ['Tax id', profile.taxIdValue ? `${profile.taxIdValue} (${profile.taxIdType})` : null],
              ['Version', `${profile.version}, from the ${profile.source}`],
              ['Since', <Time key="since" at={profile.since} />],
            ]}
          />
        ) : (
          <p style={{ margin: 0 }}>None yet: it comes with the first payment, or from the account’s own pages.</p>
        )}
      </Section>
      <Section title="Notes">
        {notes.map(({ id, text, authorName, createdAt }) => (
          <article key={id} style={{ borderLeft: '4px solid #c6cbd2', paddingLeft: 12 }}>
            <p style={{ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text}</p>
            <p style={{ margin: '4px 0 0', color: '#4a535c', fontSize: 13 }}>
              {authorName}, <Time at={createdAt} />
            </p>
          </article>
        ))}
        {notes.length === 0 ? <p style={{ margin: 0 }}>Nothing is noted. Notes are for your side alone.</p> : null}
        {can.notes ? (
          <ActForm act="note-add" hidden={{ accountId: account.id }} button="Keep the note" onDone={page.done}>
            {(form) => <LongTextField form={form} name="text" label="New note" />}
          </ActForm>
        ) : null}
      </Section>
    </>
  )
}

function ChangeMember({ account, member: { userId, name, role }, page }) {
  const hidden = { accountId: account.id, userId }
  return (
    <details>
      <summary style={{ cursor: 'pointer', color: '#2a4bd7' }} aria-label={`Change ${name}`}>
        Change
      </summary>
      <div style={{ display: 'grid', gap: 12, paddingTop: 8 }}>
        <ActForm
          act="member-role"
          hidden={hidden}
          initial={{ role }}
          button={`Change the role of ${name}`}
          onDone={page.done}
        >
          {(form) => <ChoiceField form={form} name="role" label="Role" choices={ROLES} />}
        </ActForm>
        <ActForm act="member-remove" hidden={hidden} button={`Remove ${name}`} isDanger onDone={page.done}>
          {(form) => <TextField form={form} name="reason" label="Why (may be left out)" />}
        </ActForm>
      </div>
    </details>
  )
}
