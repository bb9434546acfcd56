import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruList } from './lru-list.ts';

class Member {
  readonly name: number;
  older: Member | null = null;
  newer: Member | null = null;

  constructor(name: number) {
    this.name = name;
  }
}

test('it keeps the order of the last touches through additions, touches and removals', () => {
  const step = fc.record({ touch: fc.boolean(), name: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new LruList<Member>();
      const members = new Map<number, Member>();
      let expected: number[] = [];
      for (const { touch, name } of steps) {
        const known = members.get(name);
        expected = expected.filter((other) => other !== name);
        if (known !== undefined && !touch) {
          list.remove(known);
          members.delete(name);
          continue;
        }
        const member = known ?? new Member(name);
        if (known === undefined) list.add(member);
        else list.touch(member);
        members.set(name, member);
        expected.push(name);
      }
      expect([...list].map(({ name }) => name)).toEqual(expected);
      expect(list.size).toBe(expected.length);
    }),
  );
});

test('the member just yielded may be removed', () => {
  const list = new LruList<Member>();
  for (let name = 0; name < 5; name++) list.add(new Member(name));
  for (const member of list) if (member.name % 2 === 0) list.remove(member);
  expect([...list].map(({ name }) => name)).toEqual([1, 3]);
});
