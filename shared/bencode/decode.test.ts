import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBinaryString, utf8 } from '../bytes.ts';
import { fileBencode, peerBencode } from '../limits.ts';
import { BencodeError, decode, decodePrefix, hugeInteger, type Value } from './decode.ts';
import { encode, type Encodable } from './encode.ts';

const read = (text: string): Value => decode(fromBinaryString(text), fileBencode);

test('the examples of BEP 3', () => {
  expect(read('4:spam')).toEqual(utf8('spam'));
  expect(read('i3e')).toBe(3);
  expect(read('i-3e')).toBe(-3);
  expect(read('i0e')).toBe(0);
  expect(read('l4:spam4:eggse')).toEqual([utf8('spam'), utf8('eggs')]);
  expect(read('d3:cow3:moo4:spam4:eggse')).toEqual(
    new Map([
      ['cow', utf8('moo')],
      ['spam', utf8('eggs')],
    ]),
  );
  expect(read('d4:spaml1:a1:bee')).toEqual(new Map([['spam', [utf8('a'), utf8('b')]]]));
});

test('strings are views into the input', () => {
  const input = utf8('4:spam');
  expect((decode(input, fileBencode) as Uint8Array).buffer).toBe(input.buffer);
});

test('keys may come in any order, and __proto__ is a key like any other', () => {
  const value = read('d9:__proto__d8:pollutedi1ee1:ai2ee') as Map<string, Value>;
  expect([...value.keys()]).toEqual(['__proto__', 'a']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['nothing at all', '', 'unexpected end'],
  ['an unknown letter', 'x', 'unexpected byte'],
  ['an end without a beginning', 'e', 'unexpected byte'],
  ['an open list', 'l', 'unexpected end'],
  ['an open dictionary', 'd1:a', 'unexpected end'],
  ['an open integer', 'i12', 'unexpected end'],
  ['an empty integer', 'ie', 'unexpected byte'],
  ['a lone minus', 'i-e', 'unexpected byte'],
  ['two minuses', 'i--1e', 'unexpected byte'],
  ['a plus', 'i+1e', 'unexpected byte'],
  ['a fraction', 'i1.5e', 'unexpected byte'],
  ['an exponent', 'i1e5e', 'bytes after the value'],
  ['negative zero', 'i-0e', 'negative zero'],
  ['a leading zero', 'i01e', 'leading zero'],
  ['a leading zero after a minus', 'i-01e', 'leading zero'],
  ['a leading zero of a length', '01:a', 'leading zero'],
  ['a leading zero of a huge integer', `i0${'9'.repeat(30)}e`, 'leading zero'],
  ['a negative length', '-1:a', 'unexpected byte'],
  ['a length without a colon', '3abc', 'unexpected byte'],
  ['a string longer than the input', '4:abc', 'string longer than the input'],
  ['a string of 8 PB', '9007199254740991:a', 'string longer than the input'],
  ['a string beyond the safe integers', '99999999999999999999:a', 'string longer than the input'],
  ['a string whose length has a thousand digits', `${'9'.repeat(1000)}:a`, 'string longer than the input'],
  ['an integer as a key', 'di1ei2ee', 'unexpected byte'],
  ['a list as a key', 'dlei2ee', 'unexpected byte'],
  ['a key without a value', 'd1:ae', 'key without a value'],
  ['a key given twice', 'd1:ai1e1:ai2ee', 'key given twice'],
  ['a key of 5,000 bytes', `d5000:${'k'.repeat(5000)}i1ee`, 'key too long'],
  ['a second value', 'i1ei2e', 'bytes after the value'],
  ['150 KB of l', 'l'.repeat(150_000), 'nested too deep'],
  ['150 KB of d1:a', 'd1:a'.repeat(37_500), 'nested too deep'],
  ['one list more than the depth allows', 'l'.repeat(101) + 'e'.repeat(101), 'nested too deep'],
])('refuses %s', (_, text, message) => {
  expect(() => read(text)).toThrow(BencodeError);
  expect(() => read(text)).toThrow(message);
});

test.each([
  ['2^53', '9007199254740992'],
  ['−2^53', '-9007199254740992'],
  ['2^64', '18446744073709551616'],
  ['a thousand nines', '9'.repeat(1000)],
  ['−10^400', `-1${'0'.repeat(400)}`],
])('the integer %s is read as huge, and what follows it is read too', (_, digits) => {
  expect(read(`d3:idsi${digits}e4:name1:ae`)).toEqual(
    new Map<string, Value>([
      ['ids', hugeInteger],
      ['name', utf8('a')],
    ]),
  );
});

test('the largest safe integers are numbers', () => {
  expect(read('li9007199254740991ei-9007199254740991ee')).toEqual([2 ** 53 - 1, 1 - 2 ** 53]);
});

test('the limits are exact', () => {
  const nested = (depth: number) => fromBinaryString('l'.repeat(depth) + 'e'.repeat(depth));
  expect(() => decode(nested(32), peerBencode)).not.toThrow();
  expect(() => decode(nested(33), peerBencode)).toThrow('nested too deep');
  const list = (items: number) => fromBinaryString(`l${'i1e'.repeat(items)}e`);
  expect(() => decode(list(9_999), peerBencode)).not.toThrow();
  expect(() => decode(list(10_000), peerBencode)).toThrow('too many values');
});

test('an error says where', () => {
  const offsetOf = (text: string): number | null => {
    try {
      read(text);
      return null;
    } catch (error) {
      return (error as BencodeError).offset;
    }
  };
  expect(offsetOf('d1:ai1e1:ai2ee')).toBe(7);
  expect(offsetOf('li1exe')).toBe(4);
});

test('a prefix ends where the value ends, whatever follows', () => {
  const header = 'd8:msg_typei1e5:piecei0e10:total_sizei34256ee';
  const { value, end } = decodePrefix(fromBinaryString(`${header}ee raw bytes`), peerBencode);
  expect(value).toEqual(
    new Map([
      ['msg_type', 1],
      ['piece', 0],
      ['total_size', 34256],
    ]),
  );
  expect(end).toBe(header.length);
});

test('ranges are those of the values of the outermost dictionary only', () => {
  const text = 'd1:ad1:ci7ee1:bl1:xd1:di1eee4:infoi-5ee';
  const { ranges } = decodePrefix(fromBinaryString(text), fileBencode);
  const cut = [...ranges].map(([key, { start, end }]) => [key, text.slice(start, end)]);
  expect(cut).toEqual([
    ['a', 'd1:ci7ee'],
    ['b', 'l1:xd1:di1eee'],
    ['info', 'i-5e'],
  ]);
  expect(decodePrefix(fromBinaryString('ld1:ai1eee'), fileBencode).ranges.size).toBe(0);
});

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.maxSafeInteger().map((number) => number + 0),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(
        fc.tuple(
          fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)), maxLength: 6 }),
          tie('value'),
        ),
        {
          selector: ([key]) => key,
          maxLength: 5,
        },
      )
      .map((entries) => new Map(entries)),
  ),
}));

test('what is encoded decodes to the same, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value as Encodable);
      const again = decode(bytes, fileBencode);
      expect(again).toEqual(value);
      expect(encode(again as Encodable)).toEqual(bytes);
    }),
  );
});

test('a value cut short anywhere is refused', () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), (value, cut) => {
      const bytes = encode(value as Encodable);
      expect(() => decode(bytes.subarray(0, cut % bytes.length), fileBencode)).toThrow(BencodeError);
    }),
  );
});

/** Where the first value ends, 0 where there is none. */
function endOf(bytes: Uint8Array): number {
  try {
    return decodePrefix(bytes, peerBencode).end;
  } catch (error) {
    if (error instanceof BencodeError) return 0;
    throw error;
  }
}

test('random bytes throw nothing but a BencodeError', () => {
  const likely = fc.array(fc.constantFrom(...'dlie0123456789:-a'.split('')), { maxLength: 60 }).map((letters) => utf8(letters.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), likely), (bytes) => {
      expect(endOf(bytes)).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
