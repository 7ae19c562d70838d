import React from 'react'
import { ActingPage, Facts, Money, Section } from './page-parts.jsx'
import { useView } from './use-view.js'

/** How this Farebox is set up; it is changed where it is started. */
export default function SettingsPage() {
  const page = useView('settings')
  return (
    <ActingPage title="Settings" page={page}>
      {(view) => (
        <Section>
          <p style={{ margin: 0 }}>
            Read from the environment of the processes, and changed there: nothing can be changed here.
          </p>
          <Facts
            facts={[
              ['Address', view.publicUrl],
              ['Currency', view.currency],
              [
                'Somebody else approves above',
                <Money key="limit" minor={view.fourEyesLimitMinor} currency={view.currency} />,
              ],
              [
                'Least that can be bought',
                <Money key="least" minor={view.limits.minimumMinor} currency={view.limits.currency} />,
              ],
              [
                'Most that can be bought',
                <Money key="most" minor={view.limits.maximumMinor} currency={view.limits.currency} />,
              ],
              ['Payments', view.paymentsAreLive ? 'Live: money moves' : 'Test: no money moves'],
              ['Sandbox', view.isSandbox ? 'On' : 'Off'],
              ['Queues', view.queues],
              ['VAT ids', view.vatIdsAreChecked ? 'Checked in the register' : 'Checked by their digits alone'],
            ]}
          />
        </Section>
      )}
    </ActingPage>
  )
}
