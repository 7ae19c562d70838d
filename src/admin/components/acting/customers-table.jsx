import React from 'react'
import { AccountLink, Facts, Money, Table, Time } from './page-parts.jsx'

/** A reseller's customers: what they have, what they used, and what of it is the reseller's. */
export function CustomersTable({ overview: { wholesale, since, customers } }) {
  const sum = (of) => customers.reduce((total, customer) => total + BigInt(of(customer)), 0n).toString()
  const { currency } = wholesale
  return (
    <>
      <Facts
        facts={[
          ['Wholesale wallet', <Money key="wallet" nano={wholesale.balanceNano} currency={currency} isLarge />],
          ['Used by customers', <Money key="price" nano={sum(({ priceNano }) => priceNano)} currency={currency} />],
          ['Margin', <Money key="margin" nano={sum(({ marginNano }) => marginNano)} currency={currency} />],
          ['Since', <Time key="since" at={since} />],
        ]}
      />
      <Table
        caption="Customers"
        empty="There is no customer yet."
        rows={customers}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Customer', of: ({ id, name }) => <AccountLink id={id} name={name} /> },
          { title: 'Balance', isAmount: true, of: (one) => <Money nano={one.balanceNano} currency={one.currency} /> },
          { title: 'Requests', isAmount: true, of: ({ requests }) => requests },
          { title: 'Used', isAmount: true, of: (one) => <Money nano={one.priceNano} currency={one.currency} /> },
          { title: 'Margin', isAmount: true, of: (one) => <Money nano={one.marginNano} currency={one.currency} /> },
          { title: 'State', of: ({ disabledAt }) => (disabledAt ? 'Disabled' : 'Active') },
        ]}
      />
    </>
  )
}
