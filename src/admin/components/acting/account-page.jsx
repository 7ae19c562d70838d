import React from 'react'
import { Link } from 'react-router-dom'
import { AccountActs } from './account-acts.jsx'
import { AccountBooks } from './account-books.jsx'
import { AccountPeople } from './account-people.jsx'
import { CustomersTable } from './customers-table.jsx'
import { AccountLink, ActingPage, Facts, LINK, Money, Section, Time } from './page-parts.jsx'
import { Sparkline } from './sparkline.jsx'
import { useAsked, useView } from './use-view.js'

/** One account: what it has, what belongs to it, and what can be done. */
export default function AccountPage() {
  const { id } = useAsked()
  const page = useView('account', { id })
  return (
    <ActingPage title={page.view?.account.name ?? 'Account'} page={page}>
      {(view) => (
        <>
          <Head view={view} />
          {view.reseller ? (
            <Section title="Its customers">
              <CustomersTable overview={view.reseller} />
            </Section>
          ) : null}
          <AccountBooks view={view} />
          <AccountPeople view={view} page={page} />
          <AccountActs key={view.account.id} view={view} page={page} />
        </>
      )}
    </ActingPage>
  )
}

function Head({ view: { account, wallet, usage, topUp, can } }) {
  const { currency } = wallet
  const isReseller = account.kind === 'RESELLER'
  return (
    <Section>
      <Facts
        facts={[
          [
            isReseller ? 'Balance (wholesale wallet)' : 'Balance',
            <Money key="balance" nano={wallet.balanceNano} currency={currency} isLarge />,
          ],
          ['Available', <Money key="available" nano={wallet.availableNano} currency={currency} isLarge />],
          ['Held by requests', <Money key="held" nano={wallet.heldNano} currency={currency} />],
          wallet.debtNano === '0' ? null : ['Debt', <Money key="debt" nano={wallet.debtNano} currency={currency} />],
          ['Kind', isReseller ? 'Reseller' : account.development ? 'Customer, for development' : 'Customer'],
          ['Plan', account.planName ?? 'None'],
          account.resellerId
            ? ['Reseller', <AccountLink key="reseller" id={account.resellerId} name={account.resellerName} />]
            : null,
          [
            'State',
            account.disabledAt ? (
              <>
                Disabled since <Time key="at" at={account.disabledAt} />
              </>
            ) : (
              'Active'
            ),
          ],
          ['Auto top-up', topUpWords(topUp)],
          ['Opened', <Time key="opened" at={account.createdAt} />],
        ]}
      />
      <Sparkline
        days={usage}
        currency={currency}
        label={isReseller ? 'Used by its customers, at the wholesale price' : 'Used'}
      />
      <nav aria-label="What can be done" style={{ display: 'flex', flexWrap: 'wrap', gap: 12 }}>
        {can.order ? <Way to={`/admin/pages/new-order?account=${account.id}`}>New order</Way> : null}
        {can.adjust ? <Way to={`/admin/pages/adjust?account=${account.id}`}>Adjust credits</Way> : null}
        <Way to={`/admin/resources/accounts/records/${account.id}/show`}>All its lists</Way>
      </nav>
    </Section>
  )
}

function Way({ to, children }) {
  return (
    <Link
      to={to}
      style={{ ...LINK, border: '1px solid #2a4bd7', borderRadius: 6, padding: '8px 14px', textDecoration: 'none' }}
    >
      {children}
    </Link>
  )
}

function topUpWords(topUp) {
  if (!topUp?.enabled) return 'Off'
  if (topUp.suspendedAt) return `Suspended: ${topUp.suspendedReason ?? 'the card was declined'}`
  return (
    <>
      Below <Money nano={topUp.thresholdNano} currency={topUp.currency} />, add{' '}
      <Money minor={topUp.amountMinor} currency={topUp.currency} />
    </>
  )
}
