import { describe, expect, test } from 'vitest'
import { createPublicAgent } from '../../src/notifications/public-agent.ts'
import { isPublicAddress, webhookUrlProblem } from '../../src/notifications/webhook-url.ts'

describe('an address for webhooks', () => {
  test.each([
    'https://example.com/hooks',
    'https://hooks.example.co.uk:8443/a?b=c',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])('may be %s', (url) => expect(webhookUrlProblem(url, false)).toBeNull())

  test.each([
    'http://example.com/',
    'ftp://example.com/',
    'javascript:alert(1)',
    'example.com',
    '',
    'https://user:password@example.com/',
    'https://localhost/',
    'https://localhost./',
    'https://printer.local/',
    'https://db.internal/',
    'https://intranet/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://10.0.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.100.100.200/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:db8::1]/',
    `https://example.com/${'x'.repeat(600)}`,
  ])('may not be %s', (url) => expect(webhookUrlProblem(url, false)).not.toBeNull())

  test('may be this machine in the sandbox, by http too, and nothing else inside', () => {
    expect(webhookUrlProblem('http://localhost:3000/hooks', true)).toBeNull()
    expect(webhookUrlProblem('http://127.0.0.1:3000/hooks', true)).toBeNull()
    expect(webhookUrlProblem('http://localhost:3000/hooks', false)).not.toBeNull()
    expect(webhookUrlProblem('http://example.com/', true)).not.toBeNull()
    expect(webhookUrlProblem('https://10.0.0.1/', true)).not.toBeNull()
    expect(webhookUrlProblem('http://127.0.0.2/', true)).not.toBeNull()
  })
})

test.each(['127.0.0.1', '10.1.2.3', '::1', '::ffff:10.0.0.1', 'fe80::1', 'not an address', ''])(
  '%s is not of the public internet',
  (address) => expect(isPublicAddress(address)).toBe(false),
)

describe('what webhooks are sent through', () => {
  test('goes nowhere inside, whatever name leads there', async () => {
    const agent = createPublicAgent(false)
    const url = new URL('http://localhost:9/')
    // Past every check of the address itself: the look-up alone is left.
    await expect(agent.agentFor(url).request({ origin: url.origin, path: '/', method: 'GET' })).rejects.toThrow(
      'not on the public internet',
    )
    expect(() => agent.agentFor(new URL('http://127.0.0.1:9/'))).toThrow('not on the public internet')
    expect(() => agent.agentFor(new URL('http://[::1]:9/'))).toThrow('not on the public internet')
    await agent.close()
  })
})
