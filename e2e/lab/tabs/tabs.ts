import type { Options, Report } from '../../../shared/lab/experiment.ts';
import { published } from '../../../shared/lab/blocks/published.ts';
import { Lab } from '../../harness/lab.ts';
import { allRules } from './rules.ts';
import { runTabs, type TabsRun } from './run-tabs.ts';
import { type Measured, tabsReport } from './tabs-report.ts';

/** The published runs of the earlier block system in real Chromium tabs. Its runs take the place of seeds: nothing here is drawn from one. */
async function* run({ seeds }: Options): AsyncGenerator<number, Report, void> {
  const lab = new Lab();
  try {
    const most = Math.max(...published.map(({ peers }) => peers));
    const browsers = await Promise.all(Array.from({ length: most }, () => lab.browser()));
    const measured: Measured[] = [];
    for (const row of published) {
      for (const rules of allRules) {
        const runs: TabsRun[] = [];
        for (let run = 1; run <= seeds; run++) runs.push(await runTabs(lab, browsers.slice(0, row.peers), row.blocks, rules));
        measured.push({ published: row, rules, runs });
        yield measured.length / published.length / allRules.length;
      }
    }
    return tabsReport(measured);
  } finally {
    await lab.close();
  }
}

export const tabs = {
  name: 'tabs',
  question: 'What do the earlier block system’s files take in real tabs, in time and in messages?',
  usualSeeds: 1,
  run,
};
