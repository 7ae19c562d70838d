import type { ClientBase } from 'pg'

/** Mails that an account may do without, by the column of its setting. */
const SETTINGS = { expiry: 'expiry_mails', 'top-up': 'top_up_mails' } as const
export type OptionalMail = keyof typeof SETTINGS

/** Whether an account wants such mails; where nothing was set, it does. */
export async function wantsMail(client: ClientBase, accountId: string, kind: OptionalMail): Promise<boolean> {
  const { rows } = await client.query<{ wanted: boolean }>(
    `SELECT ${SETTINGS[kind]} AS wanted FROM notification_setting WHERE account_id = $1`,
    [accountId],
  )
  return rows[0]?.wanted ?? true
}
