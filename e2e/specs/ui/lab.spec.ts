import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { defaultSwarm } from '../../../shared/lab/swarm-options.ts';
import { watchSwarm } from '../../../shared/lab/watch-swarm.ts';
import { openApp } from '../../harness/app/app.ts';
import { expect, test } from '../../harness/test.ts';

function state(page: Page, wanted: string, nth = 0): Promise<void> {
  return page.locator(`[data-testid="lab-state"][data-state="${wanted}"]`).nth(nth).waitFor({ timeout: 120_000 });
}

test('the Lab simulates a swarm as Node does, in an address that can be shared', async ({ lab }) => {
  const tracker = await lab.tracker(['--stun', 'none']);
  const page = await (await lab.browser()).page();
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(request.url()));
  await openApp(page, tracker.url);
  expect(scripts.filter((url) => /assets\/lab/i.test(url))).toEqual([]);

  await page.locator('a[href="#/settings"]').click();
  await page.locator('a[href="#/lab"]').click();
  await page.getByTestId('lab-peers').fill('8');
  await page.getByTestId('lab-pieces').fill('32');
  await page.getByTestId('lab-seed').fill('5');
  await page.getByTestId('lab-run').click();
  await state(page, 'done');
  expect(page.url()).toContain('#/lab?peers=8&pieces=32&seed=5');
  const here = watchSwarm({ ...defaultSwarm, peers: 8, pieces: 32 }, 5, { start: () => undefined, frame: () => undefined });
  await expect(page.getByTestId('lab-trace')).toHaveText(here.traceHash);

  // Whoever opens the address sees the same run beside one of their own.
  await page.reload();
  await page.getByTestId('lab-run').click();
  await state(page, 'done');
  await expect(page.getByTestId('lab-trace')).toHaveText(here.traceHash);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('lab-csv').click()]);
  expect(download.suggestedFilename()).toBe('tabswarm-lab-peers-8-pieces-32-seed-5.csv');
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n');
  expect(lines.at(-1)).toMatch(/^[\d.]+,1,1,[\d.]+(,1){8}$/);

  await page.getByTestId('lab-experiment-gossip').click();
  await page.locator('[data-testid=lab-report][data-state=done]').waitFor({ timeout: 120_000 });
  const [picture] = await Promise.all([page.waitForEvent('download'), page.getByTestId('lab-chart-png').first().click()]);
  expect(picture.suggestedFilename()).toBe('tabswarm-lab-gossip-small.png');
  await page.locator('[data-testid=lab-report] summary').first().click();
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByTestId('lab-table-csv').first().click()]);
  expect(readFileSync(await table.path(), 'utf8')).toMatch(/^mode,.*\npush,/);

  await page.getByTestId('lab-peers').fill('500');
  await page.getByTestId('lab-pieces').fill('512');
  await page.getByTestId('lab-run').click();
  await page.getByTestId('lab-stop').click();
  await state(page, 'stopped');
});

test('an address opened while the Lab is shown fills the form, and charts have the digits of the page', async ({ lab }) => {
  const tracker = await lab.tracker(['--stun', 'none']);
  const page = await (await lab.browser({ locale: 'ar-EG' })).page();
  await page.addInitScript(() => {
    const drawn: string[] = [];
    Object.assign(globalThis, { drawn });
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      drawn.push(text);
      fillText.call(this, text, x, y);
    };
  });
  await page.goto(`${tracker.url}/#/lab?peers=12&seed=1`);
  await expect(page.getByTestId('lab-peers')).toHaveValue('12');
  await page.goto(`${tracker.url}/#/lab?peers=6&pieces=32&seed=1`);
  await expect(page.getByTestId('lab-peers')).toHaveValue('6');
  await page.getByTestId('lab-run').click();
  await state(page, 'done');
  const drawn = () => page.evaluate(() => (globalThis as unknown as { drawn: string[] }).drawn.join(' '));
  await expect.poll(drawn).toContain('100');
  expect(await drawn()).not.toMatch(/[\u0660-\u0669]/);
});
