import type { AdminPage } from '../../pages.ts'

/**
 * The page of margins and prices in the menu. What it shows and sends goes by addresses of its own, `/admin/data/margins/…`,
 * which ask for the permission of each thing and answer with the status that fits.
 */
export const MARGINS_PAGE: AdminPage = {
  label: 'Margins',
  sides: ['OPERATOR', 'RESELLER'],
  may: 'look',
  component: 'Margins',
  icon: 'Percent',
  handler: async () => ({}),
}
