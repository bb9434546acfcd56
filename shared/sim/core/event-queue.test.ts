import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('tasks run by time, then in the order they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3000 }), (times) => {
      const queue = new EventQueue();
      const ran: { time: number; order: number }[] = [];
      times.forEach((time, order) => queue.add(time, { run: () => ran.push({ time: queue.now, order }) }));
      while (queue.nextAt < Infinity) queue.runNext();
      const expected = times.map((time, order) => ({ time, order })).toSorted((a, b) => a.time - b.time || a.order - b.order);
      expect(ran).toEqual(expected);
    }),
  );
});

test('what a task adds for now runs after all that was added for this time before', () => {
  const queue = new EventQueue();
  const ran: string[] = [];
  const named = (name: string) => ({ run: () => void ran.push(name) });
  queue.add(5, {
    run: () => {
      ran.push('first');
      queue.add(6, named('later'));
      queue.add(5, named('third'));
      queue.add(5, named('fourth'));
    },
  });
  queue.add(5, named('second'));
  while (queue.nextAt < Infinity) queue.runNext();
  expect(ran).toEqual(['first', 'second', 'third', 'fourth', 'later']);
});

test('a time in the past means now, Infinity means never', () => {
  const queue = new EventQueue();
  const ran: string[] = [];
  queue.add(5, {
    run: () => {
      queue.add(1, { run: () => ran.push(`late at ${queue.now}`) });
      queue.add(Infinity, { run: () => ran.push('never') });
    },
  });
  while (queue.nextAt < Infinity) queue.runNext();
  expect(ran).toEqual(['late at 5']);
});
