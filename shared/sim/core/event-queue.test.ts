import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Agenda } from './event-queue.ts';

test('tasks run by time, then in the order they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3000 }), (times) => {
      const agenda = new Agenda();
      const ran: { time: number; order: number }[] = [];
      times.forEach((time, order) => agenda.add(time, { run: () => ran.push({ time: agenda.now, order }) }));
      while (agenda.nextAt < Infinity) agenda.runNext();
      const expected = times.map((time, order) => ({ time, order })).toSorted((a, b) => a.time - b.time || a.order - b.order);
      expect(ran).toEqual(expected);
    }),
  );
});

test('the past is now, never is never', () => {
  const agenda = new Agenda();
  const ran: string[] = [];
  agenda.add(5, {
    run: () => {
      agenda.add(1, { run: () => ran.push(`late at ${agenda.now}`) });
      agenda.add(Infinity, { run: () => ran.push('never') });
    },
  });
  while (agenda.nextAt < Infinity) agenda.runNext();
  expect(ran).toEqual(['late at 5']);
});
