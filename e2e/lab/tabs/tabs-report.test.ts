import { expect, test } from 'vitest';
import { published } from '../../../shared/lab/blocks/published.ts';
import { allRules } from './rules.ts';
import { type Measured, tabsReport } from './tabs-report.ts';

/** Tabs that send and receive what was published, and need a second and a tenth of a second a block. */
const measured: readonly Measured[] = published.flatMap((row) =>
  allRules.map((rules): Measured => {
    const messages = {
      sent: { 4: row.sent - 2, keepAlive: 2, handshake: 9 },
      received: { 4: row.sent, 6: 1, 7: row.received - row.sent - 1 },
    };
    const tabs = Array.from({ length: row.peers }, () => ({ seconds: 1 + row.blocks / 10, messages }));
    return { published: row, rules, runs: [{ tabs, trackerCopies: 1.25 }] };
  }),
);

test('the times and messages of tabs stand beside the published ones', () => {
  const { tables, findings, records } = tabsReport(measured);
  const [time, sent, received] = tables.map(({ rows }) => rows);
  expect(time?.[2]).toEqual([3, 200, 596.28, '21.0', '21.0', '1.25', '1.25']);
  expect(sent?.[5]).toEqual([5, 200, 947, '947', '947', '956', '956']);
  expect(received?.[0]).toEqual([3, 20, 68, '68', '68', '68', '68', '25', '25']);
  expect(findings[0]).toContain('after 3.0, 11.0, 21.0 s');
  expect(findings[0]).toContain('each further block takes 0.100 s instead of 3.006 s');
  expect(findings[2]).toContain('gave 1.25 copies');
  expect(findings[4]).toContain('but for 0.0 % at most');
  expect(records).toHaveLength(2 * (3 * 3 + 3 * 5));
});
