import { expect, test } from 'vitest';
import { Addresses, addressKey } from './addresses.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['127.0.0.1', ''],
  ['::ffff:127.0.0.2', ''],
  ['::1', ''],
  [undefined, ''],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8:1:2::6', '2001:db8:1:2::'],
  ['2001:db8::6', '2001:db8:0:0::'],
])('%s is limited as "%s"', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('the sockets of one address are limited, those of loopback are not', () => {
  const addresses = new Addresses({ maxSockets: 2, messages: { burst: 1, perSecond: 1 } });
  expect(['a', 'a', 'a', 'b'].map((key) => addresses.enter(key, 0))).toEqual([true, true, false, true]);
  addresses.leave('a');
  expect(addresses.enter('a', 0)).toBe(true);
  expect(['', '', ''].map((key) => addresses.enter(key, 0))).toEqual([true, true, true]);
});

test('messages are counted over all sockets of an address; reconnecting does not refill its bucket', () => {
  const addresses = new Addresses({ maxSockets: 9, messages: { burst: 2, perSecond: 1 } });
  addresses.enter('a', 0);
  expect(['a', 'a', 'a', ''].map((key) => addresses.take(key, 0, 1))).toEqual([true, true, false, true]);
  addresses.leave('a');
  addresses.sweep(1000);
  addresses.enter('a', 1000);
  expect(['a', 'a'].map((key) => addresses.take(key, 1000, 1))).toEqual([true, false]);
  addresses.leave('a');
  addresses.sweep(3000);
  expect(addresses.take('a', 3000, 1)).toBe(true);
});
