import { Lab } from '../../harness/lab.ts';
import type { Bench, Figure } from '../figures.ts';
import { countLongTasks, longTasksOf } from './long-tasks.ts';

const peers = 500;
const limitMs = 600_000;

/** The Lab page while it simulates a large swarm in its Worker. */
async function measure(): Promise<Figure[]> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker(['--stun', 'none']);
    const page = await (await lab.browser()).page();
    await page.goto(`${tracker.url}/#/lab?peers=${peers}&pieces=64&seed=1`);
    await page.getByTestId('lab-run').waitFor();
    await countLongTasks(page);
    const started = performance.now();
    await page.getByTestId('lab-run').click();
    await page.locator('[data-testid=lab-state][data-state=done]').waitFor({ timeout: limitMs });
    const name = `the Lab with ${peers} peers`;
    return [
      { name: `${name}: main-thread tasks over 50 ms`, value: await longTasksOf(page), unit: 'tasks', target: { atMost: 0 } },
      { name: `${name}: until the last has 64 pieces`, value: (performance.now() - started) / 1000, unit: 's' },
    ];
  } finally {
    await lab.close();
  }
}

export const labPage: Bench = { name: 'lab-page', measure };
