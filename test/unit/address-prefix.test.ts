import fc from 'fast-check';
import { addressPrefix } from '../../src/http/address-prefix.ts';

describe('an address prefix', () => {
  it('of IPv4 is the whole address', () => {
    const prefixes = ['192.0.2.1', '192.0.2.2', '192.0.3.1'].map(addressPrefix);

    expect(new Set(prefixes).size).toBe(3);
  });

  it('of an IPv4 address in IPv6 form is that of the IPv4 address', () => {
    for (const mapped of ['::ffff:192.0.2.1', '::FFFF:192.0.2.1', '::ffff:c000:201']) {
      expect(addressPrefix(mapped)).toBe(addressPrefix('192.0.2.1'));
    }
  });

  it('of IPv6 is its first 56 bits', () => {
    const group = (max = 0xffff) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(
        fc.array(group(), { minLength: 3, maxLength: 3 }),
        group(0xff),
        fc.array(group(), { minLength: 10, maxLength: 10 }),
        group(0xff),
        group(0xff),
        (site, subnetByte, rest, one, other) => {
          fc.pre(site.some((part) => part !== 0));
          const address = (low: number, host: number[], middle = subnetByte) =>
            [...site, middle * 256 + low, ...host].map((part) => part.toString(16)).join(':');

          const home = addressPrefix(address(one, rest.slice(0, 4)));
          expect(addressPrefix(address(other, rest.slice(4, 8)))).toBe(home);
          expect(addressPrefix(address(one, rest.slice(0, 4), subnetByte ^ 1))).not.toBe(home);
        },
      ),
    );
  });

  it('does not depend on how the address is written', () => {
    expect(addressPrefix('2001:0DB8:0000:0000:0000:0000:0000:0001')).toBe(
      addressPrefix('2001:db8::1'),
    );
    expect(addressPrefix('fe80::1%eth0')).toBe(addressPrefix('fe80::1'));
  });

  it('is the same for all who have none', () => {
    const prefix = addressPrefix(undefined);

    for (const text of ['', 'unknown', '_hidden', '999.1.1.1', 'example.org']) {
      expect(addressPrefix(text)).toBe(prefix);
    }
    expect(prefix).not.toBe('');
  });
});
