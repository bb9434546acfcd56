import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('behaves like an array used as a queue', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: 'shift' as const }), { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'shift') {
          model.shift();
          fifo.shift();
        } else {
          model.push(step);
          fifo.push(step);
        }
        expect([fifo.length, fifo.peek()]).toEqual([model.length, model[0]]);
      }
      fifo.clear();
      expect([fifo.length, fifo.shift()]).toEqual([0, undefined]);
    }),
  );
});
