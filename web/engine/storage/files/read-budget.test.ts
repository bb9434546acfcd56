import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadBudget } from './read-budget.ts';

test('property: the budget is never exceeded, work begins in order, and all of it runs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 40 }), fc.infiniteStream(fc.nat(3)), async (sizes, delays) => {
      const budget = new ReadBudget(10);
      let held = 0;
      const begun: number[] = [];
      const work = async (index: number, bytes: number): Promise<void> => {
        begun.push(index);
        held += bytes;
        expect(held <= 10 || held === bytes).toBe(true);
        for (let turns = delays.next().value as number; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
        held -= bytes;
        if (index % 5 === 0) throw new Error('failed');
      };
      await Promise.allSettled(sizes.map((bytes, index) => budget.run(bytes, () => work(index, bytes))));
      expect(begun).toEqual([...sizes.keys()]);
    }),
    { numRuns: 100 },
  );
});
