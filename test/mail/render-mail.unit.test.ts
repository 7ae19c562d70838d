import { describe, expect, test } from 'vitest'
import { MAIL_TEMPLATES, type MailTemplate, oneLine } from '../../src/mail/mail-templates.ts'
import { renderMail } from '../../src/mail/render-mail.ts'
import { MAIL_SAMPLES } from './mail-samples.ts'

const PUBLIC_URL = 'https://credits.example.com/'

function render(
  template: MailTemplate,
  data: unknown = MAIL_SAMPLES[template],
  accountName: string | null = 'Blue & Sons',
) {
  return renderMail({ template, data, accountName }, PUBLIC_URL)
}

/** The HTML without its tags and style, as a person reads it. */
function readable(html: string): string {
  const words = html.replace(/<(style|title)>[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' ')
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }
  return Object.entries(entities).reduce((text, [entity, sign]) => text.replaceAll(entity, sign), words)
}

describe('every mail', () => {
  test.each(Object.keys(MAIL_TEMPLATES) as MailTemplate[])(
    '%s tells all of its data in text and in HTML alike',
    (template) => {
      const { subject, text, html } = render(template)
      const { path, expiresAt, retryAt, days, bankDetails, ...facts } = MAIL_SAMPLES[template] as Record<
        string,
        unknown
      >
      const details = ((bankDetails ?? []) as { label: string; value: string }[]).flatMap(Object.values<string>)
      const told = [
        ...(Object.values(facts) as string[]),
        ...details,
        `https://credits.example.com${path}`,
        'Blue & Sons',
      ]
      for (const fact of told) {
        expect(text).toContain(fact)
        expect(readable(html)).toContain(fact)
      }
      for (const instant of [expiresAt, retryAt].filter((one) => one !== undefined)) {
        expect(text).toMatch(/\d{1,2} \w+ 20\d\d, \d\d:\d\d UTC/)
        expect(readable(html)).toMatch(/\d{1,2} \w+ 20\d\d, \d\d:\d\d UTC/)
        expect(text).not.toContain(instant)
      }
      expect(subject).toMatch(/^\S.*\S$/)
      expect(html).not.toMatch(/<table|<script|<img/i)
      expect(`${subject}${text}${html}`).not.toMatch(/undefined|\[object|<%/)
      expect(text).not.toMatch(/<\w|&amp;|\n{4}/)
    },
  )

  test('leaves out what there is nothing to say about', () => {
    const nothing = { bonus: null, expiresAt: null, retryAt: null, reason: null }
    const optional: MailTemplate[] = [
      'credits-added',
      'refund-made',
      'dispute-opened',
      'manual-order-opened',
      'manual-order-paid',
    ]
    for (const template of optional) {
      const sample = MAIL_SAMPLES[template] as Record<string, unknown>
      const without = Object.fromEntries(
        Object.entries(sample).map(([key, value]) => [key, key in nothing ? null : value]),
      )
      const { text, html } = render(template, without, null)
      expect(`${text}${html}`).not.toMatch(/null|Bonus|Spend them by|Reason|Transfer by|Blue/)
      expect(text).not.toMatch(/\n{4}/)
    }
  })

  test('says that a top-up will not be tried again by itself', () => {
    const { text, html } = render('top-up-failed', { ...MAIL_SAMPLES['top-up-failed'], retryAt: null })
    expect(text).toContain('Next try:  none by itself')
    expect(html).toContain('none by itself')
  })
})

describe('text of customers and providers', () => {
  const script = '<script>alert("x")</script>\r\nBcc: everybody@example.com'
  const hostile = { ...MAIL_SAMPLES['manual-order-opened'], reference: script }

  test('becomes no HTML', () => {
    const { html } = render('manual-order-opened', hostile, '<img src=x onerror=alert(1)>')
    expect(html).not.toMatch(/<script|<img/i)
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  test('becomes no second line of a subject', () => {
    const { subject } = render('manual-order-opened', hostile)
    expect(subject).not.toMatch(/[\r\n]/)
    expect(subject).toContain('Bcc: everybody@example.com')
  })

  test('is data to the template, not template', () => {
    const { text } = render('manual-order-opened', { ...hostile, reference: '<%= it.url %>' })
    expect(text).toContain('<%= it.url %>')
  })

  test('is cut to a line that every column and header can hold', () => {
    expect(oneLine('a\u0000b\u2028c\u202ed\ud800')).toBe('a b c d\ufffd')
    const cut = oneLine('😀'.repeat(600))
    expect(cut.length).toBeLessThanOrEqual(500)
    expect(cut.isWellFormed()).toBe(true)
    expect(cut.endsWith('…')).toBe(true)
  })
})

describe('a link', () => {
  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'portal',
    '/a b',
    '/a\nb',
    'javascript:alert(1)',
    '@evil.example',
  ])('never leads elsewhere: %j is refused', (path) => {
    expect(() => render('top-up-suspended', { ...MAIL_SAMPLES['top-up-suspended'], path })).toThrow()
  })
})

test('a template that is not, or data that is not its own, is refused', () => {
  expect(() => renderMail({ template: '../layout/html', data: {}, accountName: null }, PUBLIC_URL)).toThrow()
  expect(() => renderMail({ template: 'toString', data: {}, accountName: null }, PUBLIC_URL)).toThrow()
  expect(() => render('top-up-suspended', { ...MAIL_SAMPLES['top-up-suspended'], more: 1 })).toThrow()
  expect(() => render('credits-expiring', { ...MAIL_SAMPLES['credits-expiring'], expiresAt: 'soon' })).toThrow()
})
