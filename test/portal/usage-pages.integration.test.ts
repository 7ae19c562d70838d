import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Customer } from '../support/farebox.ts'
import { type Member, type PortalWorld, startPortalWorld } from './usage-world.ts'

let world: PortalWorld
let customer: Customer
let viewer: Member
let stranger: Member
let theirs: Customer

beforeAll(async () => {
  world = await startPortalWorld()
  ;[customer, theirs] = await Promise.all([world.farebox.customer(), world.farebox.customer()])
  viewer = await world.member(customer.accountId, 'VIEWER')
  stranger = await world.member(theirs.accountId, 'OWNER')
  await world.ask(customer)
  await world.ask(customer, { stream: true, userAgent: '=HYPERLINK("http://evil.example")' })
  await world.ask(theirs)
})
afterAll(() => world.close())

const figureOf = (html: string, label: string) =>
  new RegExp(`<dt>${label}</dt><dd[^>]*>([^<]+)`).exec(html)?.[1]?.trim()

describe('the page of usage', () => {
  test('shows what was used, what it cost, and what it would have cost elsewhere', async () => {
    const { status, html } = await viewer.visitor.get('/usage')
    expect(status).toBe(200)
    const [sums] = await world.farebox.rows<{ price: string; list: string; requests: string }>(
      'SELECT sum(price_nano)::text AS price, sum(list_nano)::text AS list, count(*)::text AS requests FROM usage_event WHERE account_id = $1',
      customer.accountId,
    )
    const exact = /<dt>Total spend<\/dt><dd title="\$([\d.]+)"/.exec(html)?.[1]
    expect(Number(exact)).toBe(Number(sums?.price) / 1e9)
    expect(figureOf(html, 'Requests')).toBe('2')
    expect(figureOf(html, 'You saved')).toMatch(/^-?\$/)
    expect(html).toContain('(so far)')
    expect(html).toContain('data-chart="')
    expect(html).not.toContain('style=')
  })

  test.each(['date', 'key', 'project', 'provider', 'model'])(
    'groups by %s, with totals that are the same',
    async (group) => {
      const { status, html } = await viewer.visitor.get(`/usage?range=7d&group=${group}&metric=tokens`)
      expect(status).toBe(200)
      expect(html).toMatch(/<tfoot><tr><th scope="row">Total<\/th><td class="amount">2<\/td>/)
      const jump = /<tbody>[\s\S]*?<a href="(\/requests\?[^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
      const requests = await viewer.visitor.get(jump as string)
      expect(requests.html.match(/href="\/requests\/[0-9a-f-]{36}"/g)).toHaveLength(2)
    },
  )

  test.each<[string, string, string]>([
    ['days that are reversed', 'range=custom&from=2026-11-20&to=2026-11-10', 'The last day is before the first'],
    ['ten years', 'range=custom&from=2016-01-01&to=2026-01-01', 'at most 366 days'],
    ['a day that is none', 'range=custom&from=2026-02-31&to=2026-03-01', 'Enter the first day'],
    ['no days', 'range=custom', 'Enter the first day'],
    ['a year without end', 'range=custom&from=9999-01-01&to=9999-01-02', 'Enter the first day'],
    ['a time that is none', 'range=forever', 'Choose one of these times'],
    ['a group that is none', 'group=weather', 'Group by one of'],
    ['a metric that is none', 'metric=joy', 'Choose one of'],
    ['two groups', 'group=date&group=key', 'Group by one of'],
    ['a key that is none', 'accessKeyId=1', 'Choose a key'],
    ['a model of endless name', `model=${'x'.repeat(300)}`, 'no name of a model'],
  ])('says what is wrong with %s, and keeps the form', async (_name, query, words) => {
    const { status, html } = await viewer.visitor.get(`/usage?${query}`)
    expect(status).toBe(422)
    expect(html).toContain(words)
    expect(html).toContain('<form class="card filter"')
  })

  test('exports exactly the view, without what a spreadsheet would compute', async () => {
    const csv = await viewer.visitor.get('/usage/export?range=7d&group=model&format=csv')
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(csv.headers.get('content-disposition')).toMatch(/attachment; filename=usage-by-model-.*\.csv/)
    const [header, line, ...rest] = csv.html.trim().split('\n')
    expect(header).toBe(
      'model,name,requests,errors,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,cost,market_cost,saved,currency',
    )
    expect(line).toMatch(/^priced,priced,2,0,.*,USD$/)
    expect(rest).toEqual([])
    const json = JSON.parse((await viewer.visitor.get('/usage/export?range=7d&group=model&format=json')).html)
    expect(json).toMatchObject({ groupBy: 'model', totals: { requests: 2 }, data: [{ key: 'priced', requests: 2 }] })
    expect(json.data[0].cost).toBe(line?.split(',')[8])
  })

  test('shows nobody else’s usage, whatever is asked', async () => {
    const { html } = await viewer.visitor.get(`/usage?accessKeyId=${theirs.keyId}&group=key`)
    expect(html).toContain('No match')
    expect(figureOf((await stranger.visitor.get('/usage')).html, 'Requests')).toBe('1')
  })
})

describe('the audit trail', () => {
  test('has every request with who asked, and nothing of what was said', async () => {
    const { status, html } = await viewer.visitor.get('/requests')
    expect(status).toBe(200)
    expect(html.match(/<tr><th scope="row"><a href="\/requests\//g)).toHaveLength(2)
    expect(html).toContain('127.0.0.1')
    expect(html).not.toContain('Hello')
  })

  test('is narrowed by what stands in the address', async () => {
    const count = async (query: string) =>
      ((await viewer.visitor.get(`/requests?${query}`)).html.match(/<tr><th scope="row"><a href="\/requests\//g) ?? [])
        .length
    expect(await count('streaming=yes')).toBe(1)
    expect(await count('streaming=no')).toBe(1)
    expect(await count('status=COMPLETED')).toBe(2)
    expect(await count('status=FAILED')).toBe(0)
    expect(await count('model=priced')).toBe(2)
    expect(await count('model=doubled')).toBe(0)
    expect((await viewer.visitor.get('/requests?status=FAILED')).html).toContain('Clear filters')
    expect((await viewer.visitor.get('/requests?range=custom&from=2020-01-01&to=2020-01-02')).html).toContain(
      'Nothing yet',
    )
  })

  test.each([
    'size=7',
    'size=1000000000',
    'status=GOOD',
    'streaming=maybe',
    'cursor=none',
    'range=custom&from=2026-02-02&to=2026-01-01',
  ])('refuses %s in a sentence', async (query) => {
    const { status, html } = await viewer.visitor.get(`/requests?${query}`)
    expect(status).toBe(422)
    expect(html).toContain('This cannot be shown')
  })

  test('goes page by page without a row twice', async () => {
    const many = await world.farebox.customer()
    const { visitor } = await world.member(many.accountId, 'VIEWER')
    for (let count = 0; count < 27; count += 1) await world.ask(many)
    const seen: string[] = []
    let path: string | undefined = '/requests?size=25'
    let pages = 0
    while (path !== undefined && pages < 5) {
      const { html } = await visitor.get(path)
      seen.push(
        ...[...html.matchAll(/<tr><th scope="row"><a href="\/requests\/([0-9a-f-]{36})"/g)].map(
          (match) => match[1] as string,
        ),
      )
      path = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
      pages += 1
    }
    expect(pages).toBe(2)
    expect(seen).toHaveLength(27)
    expect(new Set(seen).size).toBe(27)
  })

  test('shows one request to its account, and to nobody else', async () => {
    const { html } = await viewer.visitor.get('/requests')
    const path = /href="(\/requests\/[0-9a-f-]{36})"/.exec(html)?.[1] as string
    const own = await viewer.visitor.get(path)
    expect(own.status).toBe(200)
    expect(own.html).toContain('What it cost')
    expect((await stranger.visitor.get(path)).status).toBe(404)
    expect((await viewer.visitor.get('/requests/no-such')).status).toBe(404)
  })

  test('is exported at once while it is small, by a form with its token alone', async () => {
    const csv = await viewer.visitor.post(
      '/requests/export',
      { format: 'csv', range: '7d', streaming: 'yes' },
      '/requests',
    )
    expect(csv.status).toBe(200)
    expect(csv.headers.get('content-disposition')).toContain('attachment; filename=requests-')
    const lines = csv.html.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('time,request_id,provider,model')
    expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
    const json = await viewer.visitor.post(
      '/requests/export',
      { format: 'json', range: '7d', status: 'COMPLETED' },
      '/requests',
    )
    expect(JSON.parse(json.html)).toHaveLength(2)
    expect((await viewer.visitor.postRaw('/requests/export', { format: 'csv' })).status).toBe(403)
  })
})
