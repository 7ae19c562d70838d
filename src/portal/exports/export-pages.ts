import { pipeline } from 'node:stream/promises'
import { type Request, Router } from 'express'
import { z } from 'zod'
import { exportFile, ownExport } from '../../exports/export-file.ts'
import { ExportRefusal } from '../../exports/export-refusal.ts'
import { EXPORT_KINDS, type ExportKind, type ExportRequest } from '../../exports/export-request.ts'
import { listExports } from '../../exports/list-exports.ts'
import { accountOf, type ChosenAccount } from '../../http/chosen-account.ts'
import { flash } from '../../http/flash.ts'
import { PageError } from '../../http/page-error.ts'
import { requirePerson } from '../../http/person-session.ts'
import type { CashDesk } from '../../orders/cash-desk.ts'
import { sendPage } from '../page.ts'
import { MONEY_SETTING_ROLES } from '../roles.ts'
import { addressOf } from '../usage/usage-filter.ts'
import { shownExport } from './shown-export.ts'

const PER_PAGE = 25
const UUID = z.uuid()

/** Files that were asked for, and what has become of them. */
export function exportPagesRouter(desk: CashDesk): Router {
  const router = Router()
  const { pool, clock } = desk

  router.get('/exports', requirePerson, async (request, response) => {
    const account = accountOf(request)
    const cursor = UUID.safeParse(request.query.cursor)
    const { exports, next } = await listExports(pool, account.accountId, {
      ...{ kinds: kindsFor(account), cursor: cursor.success ? cursor.data : null, limit: PER_PAGE },
    })
    const shown = exports.map((one) => shownExport(one, clock.now()))
    sendPage(response, 200, 'exports/exports', {
      title: 'Exports',
      styles: ['usage.css'],
      scripts: ['htmx.js'],
      exports: shown,
      looksAgain: shown.some(({ isOpen }) => isOpen),
      isFirst: !cursor.success,
      nextPath: next === null ? null : addressOf('/exports', { cursor: next }),
    })
  })

  router.get('/exports/:id', requirePerson, async (request, response) => {
    const shown = shownExport(await exportOf(request), clock.now())
    sendPage(response, 200, 'exports/export', {
      title: 'Export',
      styles: ['usage.css'],
      scripts: ['htmx.js'],
      file: shown,
      looksAgain: shown.isOpen,
    })
  })

  router.get('/exports/:id/file', requirePerson, async (request, response) => {
    const { accountId } = accountOf(request)
    const { id } = await exportOf(request)
    const file = await exportFile(desk, accountId, id).catch((error: unknown) => {
      if (error instanceof ExportRefusal) return error
      throw error
    })
    if (file instanceof ExportRefusal) {
      flash(response, file.message, 'failed')
      return response.redirect(303, `/exports/${id}`)
    }
    response.attachment(file.name).set({
      'content-type': file.contentType,
      'content-length': String(file.sizeBytes),
      'repr-digest': `sha-256=:${file.sha256.toString('base64')}:`,
    })
    try {
      await pipeline(file.content, response)
    } catch (error) {
      if (!response.headersSent) throw error
      desk.logger.info({ err: error }, 'a download ended early')
    }
  })

  /** @throws PageError for somebody else's, one of a kind that is not for them, and none */
  async function exportOf(request: Request): Promise<ExportRequest> {
    const account = accountOf(request)
    const id = UUID.safeParse(request.params.id)
    if (!id.success) throw new PageError('not found')
    const found = await ownExport(pool, account.accountId, id.data).catch((error: unknown) => {
      if (error instanceof ExportRefusal) return null
      throw error
    })
    if (found === null || !kindsFor(account).includes(found.kind)) throw new PageError('not found')
    return found
  }

  return router
}

/** Requests everybody may see; statements are about money. */
function kindsFor({ role }: ChosenAccount): readonly ExportKind[] {
  return MONEY_SETTING_ROLES.includes(role) ? EXPORT_KINDS : ['USAGE']
}
