import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import AdminJS from 'adminjs'
import express from 'express'
import { expect, test } from 'vitest'
import { adminHeaders } from '../../src/http/security-headers.ts'
import { hasBrowser, launchBrowser, visit } from '../support/browser.ts'

const NAME = '</script><script>window.WAS_RUN = true</script>'

/** The back office's page as AdminJS writes it, with somebody's name in it that would be a script. */
async function serveAdmin() {
  const admin = new AdminJS({ rootPath: '/admin', env: {} })
  const app = express()
  app.use(adminHeaders({ publicUrl: 'http://127.0.0.1' }))
  app.get('/admin', async (_request, response) => {
    const { default: html } = await import('../../node_modules/adminjs/lib/frontend/layout-template.js' as string)
    response.type('html').send(await html(admin, { email: NAME }, '/admin'))
  })
  // Where the libraries' bundles would be: enough to see whether the page's last script ran.
  app.get('/admin/frontend/assets/:name', (_request, response) => {
    response.type('js').send('window.createRoot = () => ({ render() { window.HAS_STARTED = true } })')
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('the back office’s page runs its own two scripts, and none that a name smuggles in', async () => {
  const { server, url } = await serveAdmin()
  try {
    const response = await fetch(`${url}/admin`)
    const policy = response.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
    expect(policy).not.toMatch(/script-src[^;]*'unsafe/)
    const html = await response.text()
    expect(html.split(`nonce="${nonce}"`)).toHaveLength(2)
    if (!hasBrowser) return
    const browser = await launchBrowser()
    const { page } = await visit(browser, [url])
    await page.goto(`${url}/admin`)
    await expect.poll(() => page.evaluate('window.HAS_STARTED')).toBe(true)
    expect(await page.evaluate('window.REDUX_STATE.session.email')).toBe(NAME)
    expect(await page.evaluate('window.WAS_RUN')).toBeUndefined()
    await browser.close()
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
