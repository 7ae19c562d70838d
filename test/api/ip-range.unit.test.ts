import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { normalIpRange } from '../../src/accounts/keys/ip-range.ts'

describe('an address that a key is for', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.0/24 ', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('%s is taken, as the gateway compares it', (given, expected) => {
    expect(normalIpRange(given)).toBe(expected)
    const [address = '', prefix] = expected.split('/')
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const list = new BlockList()
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
    expect(list.check(address, family)).toBe(true)
  })

  test.each([
    ...['', 'example.com', '192.0.2.256', '192.0.2.1/33', '192.0.2.1/-1', '192.0.2.1/1e1', '192.0.2.0/24/8', '1.2.3'],
    ...['2001:db8::/129', 'fe80::1%eth0', '::ffff:192.0.2.0/120', '192.0.2.1/', '0x7f.1', '010.0.0.1'],
  ])('%j is none', (given) => {
    expect(normalIpRange(given)).toBeNull()
  })
})
