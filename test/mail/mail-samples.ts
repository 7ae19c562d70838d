import type { MailData, MailTemplate } from '../../src/mail/mail-templates.ts'

/** One mail of each kind, with every optional part. */
export const MAIL_SAMPLES: { [Template in MailTemplate]: MailData<Template> } = {
  'credits-added': {
    amount: '$1,250.00',
    credits: '$1,250.00',
    bonus: '$62.50',
    expiresAt: '2027-11-21T09:30:00.000Z',
    balance: '$1,318.07',
    path: '/portal/credits',
  },
  'top-up-failed': {
    amount: '$100.00',
    reason: 'The card has expired.',
    code: 'expired_card',
    retryAt: '2026-11-22T09:30:00.000Z',
    path: '/portal/top-up?method=card&from=mail',
  },
  'top-up-action-needed': {
    amount: '$100.00',
    expiresAt: '2026-11-22T09:30:00.000Z',
    path: '/portal/orders/42/confirm',
  },
  'top-up-suspended': {
    reason: 'The card was refused four times in a row.',
    code: 'too_many_failures',
    path: '/portal/top-up',
  },
  'low-balance': { balance: '$4.20', threshold: '$5.00', path: '/portal/credits' },
  'credits-expiring': { amount: '$312.40', expiresAt: '2026-11-28T00:30:00.000Z', days: 7, path: '/portal/credits' },
  'credits-adjusted': {
    change: '$25.00 was added to your credits',
    expiresAt: '2027-11-21T09:30:00.000Z',
    balance: '$93.07',
    reason: 'Goodwill for the outage of last week',
    path: '/portal/credits',
  },
  'refund-made': {
    amount: '€119.00',
    credits: '€100.00',
    reference: 'RF18 1000 42',
    reason: 'Bought twice by mistake',
    path: '/portal/orders/42',
  },
  'dispute-opened': {
    amount: '$100.00',
    frozen: '$71.12',
    reference: 'RF18 1000 42',
    reason: 'fraudulent',
    path: '/portal/orders/42',
  },
  'manual-order-opened': {
    reference: 'RF18 1000 42',
    amount: '€5,950.00',
    bankDetails: [
      { label: 'Account holder', value: 'Farebox GmbH' },
      { label: 'IBAN', value: 'DE89 3704 0044 0532 0130 00' },
      { label: 'BIC', value: 'COBADEFFXXX' },
    ],
    expiresAt: '2026-12-21T23:59:59.000Z',
    path: '/portal/orders/42',
  },
  'export-ready': {
    what: 'usage export',
    rows: 1_204_311,
    expiresAt: '2026-11-28T09:30:00.000Z',
    path: '/v1/exports/42/file',
  },
  'manual-order-paid': {
    reference: 'RF18 1000 42',
    amount: '€5,950.00',
    credits: '€5,000.00',
    bonus: '€250.00',
    expiresAt: '2027-11-21T09:30:00.000Z',
    balance: '€5,261.80',
    path: '/portal/credits',
  },
  'verify-email': { expiresAt: '2026-11-22T09:30:00.000Z', path: '/verify-email?token=42' },
  'sign-up-again': { path: '/sign-in' },
  'reset-password': { expiresAt: '2026-11-22T09:30:00.000Z', path: '/reset-password?token=42' },
  'security-changed': { what: 'Your password was changed.', when: '22 November 2026, 09:30 UTC', path: '/security' },
  invitation: {
    to: 'Acme Robotics',
    invitedBy: 'Olivia Operator',
    expiresAt: '2026-11-22T09:30:00.000Z',
    path: '/invitations/42',
  },
}
