import { join } from 'node:path';
import { openApp, share } from '../../harness/app/app.ts';
import { person, receiver } from '../../harness/app/people.ts';
import { changeSettings } from '../../harness/app/settings.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('on a phone the details show every tab whole', async ({ lab, tracker }) => {
  const payload = await lab.payload('phone.bin', 64 * 1024);
  const { page } = await person(lab, tracker);
  await page.setViewportSize({ width: 360, height: 740 });
  await share(page, payload.path);
  await page.getByTestId('details-section').locator('summary').click();
  const tabs = page.getByRole('tab');
  await expect(tabs).toHaveCount(4);
  const cut = await page.getByRole('tablist').evaluate((list) => {
    const { left, right } = list.getBoundingClientRect();
    const buttons = [...list.querySelectorAll('[role=tab]')];
    return buttons.filter((button) => button.getBoundingClientRect().left < left || button.getBoundingClientRect().right > right).length;
  });
  expect(cut).toBe(0);
});

test('the piece maps stay drawn when window, theme or screen change, or the browser drops the bitmap', async ({ lab, tracker }) => {
  const payload = await lab.payload('drawn.bin', 4 * 1024 * 1024);
  const { page } = await person(lab, tracker);
  await share(page, payload.path);
  await page.getByTestId('details-section').locator('summary').click();
  await page.getByRole('tab', { name: 'Pieces' }).click();
  /** A canvas that shows nothing, or more than one screen pixel too few or too many. */
  const undrawn = (): Promise<string[]> =>
    page.locator('canvas').evaluateAll((all) =>
      (all as HTMLCanvasElement[]).flatMap((canvas, index) => {
        const { width, height } = canvas;
        if (Math.abs(width - canvas.clientWidth * devicePixelRatio) > 1) return [`${index}: ${width} pixels wide`];
        return canvas
          .getContext('2d')
          ?.getImageData(0, 0, width, height)
          .data.some((value) => value > 0) === true
          ? []
          : [`${index}: blank`];
      }),
    );
  const settled = (): Promise<void> => expect.poll(undrawn).toEqual([]);
  await expect(page.locator('canvas')).not.toHaveCount(0);
  await settled();
  for (const width of [360, 900, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    await settled();
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled();
  const devtools = await page.context().newCDPSession(page);
  // Like zooming, this changes the size in CSS pixels too: without that, a browser without a screen tells nobody.
  for (const [deviceScaleFactor, height] of [
    [2, 720],
    [1.5, 700],
  ] as const) {
    await devtools.send('Emulation.setDeviceMetricsOverride', { width: 1280, height, deviceScaleFactor, mobile: false });
    await settled();
  }
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('tab', { name: 'Pieces' }).click();
  await settled();
  // What a browser does with a canvas whose memory it took: the bitmap is empty, then the event says so.
  await page.locator('canvas').evaluateAll((all) => {
    for (const canvas of all as HTMLCanvasElement[]) {
      canvas.getContext('2d')?.reset();
      canvas.dispatchEvent(new Event('contextrestored'));
    }
  });
  await settled();
});

test('in a page from right to left, the arrow keys go to the tab on their side, Home and End to the first and the last', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('arrows.bin', 64 * 1024);
  const page = await (await lab.browser({ locale: 'ar' })).page();
  await openApp(page, tracker.url);
  await share(page, payload.path);
  await page.getByTestId('details-section').locator('summary').click();
  const tabs = page.getByRole('tab');
  await expect(tabs).toHaveCount(4);
  await tabs.first().focus();
  await page.keyboard.press('ArrowLeft');
  await expect(tabs.nth(1)).toBeFocused();
  await expect(tabs.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(tabs.first()).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tabs.last()).toBeFocused();
  await page.keyboard.press('Home');
  await expect(tabs.first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(tabs.last()).toHaveAttribute('aria-selected', 'true');
});

test('while a download runs its details show speed, people, pieces and what happened, and every view says that it runs', async ({
  lab,
  tracker,
}) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['one.bin', 'two.bin'].entries()) await writePayload(join(folder, name), 4 * mebibyte, seed);
  const one = await person(lab, tracker);
  // It lasts for two minutes, or until the limit is lifted.
  await changeSettings(one.page, `limitUp=${mebibyte / 16}&ownName=Ada`);
  const magnet = await share(one.page, folder, 'folder-input');
  const { page } = await receiver(lab, tracker, magnet);
  // Not by the mouse: what a download shows at its start may move the summary between button down and up.
  await page.getByTestId('details-section').locator('summary').press('Enter');
  const chart = page.locator('.uplot canvas');
  /** Pixels of the chart in the colour of the line of what comes. */
  const drawn = (): Promise<number> =>
    chart.evaluate((canvas: HTMLCanvasElement) => {
      const holder = canvas.closest('.plot');
      const pen = document.createElement('canvas').getContext('2d');
      if (holder === null || pen === null) return 0;
      pen.fillStyle = getComputedStyle(holder).accentColor;
      pen.fillRect(0, 0, 1, 1);
      const ink = pen.getImageData(0, 0, 1, 1).data;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if ([0, 1, 2, 3].every((part) => data[at + part] === ink[part])) count++;
      return count;
    });
  await expect.poll(drawn).toBeGreaterThan(10);

  await page.getByRole('tab', { name: 'People' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.locator('svg text', { hasText: 'Ada' })).toBeVisible();
  await expect(panel.locator('svg line.down')).toHaveCount(1);
  await expect(panel.locator('tbody tr')).toHaveCount(2);
  await expect(panel.locator('tbody tr').filter({ hasText: 'Ada' })).toContainText('100%');

  await page.getByRole('tab', { name: 'Activity' }).click();
  await expect(panel.locator('li').filter({ hasText: 'Ada' })).not.toHaveCount(0);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('copy-report').click();
  const report = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(report).toContain('Tabswarm');
  expect(await report()).not.toContain('Ada');

  await page.locator('nav a[href="#/settings"]').click();
  await expect(page.getByTestId('activity-strip')).toContainText('%');
  await expect(page.locator('nav .badge')).toHaveText('1');
  await expect(page).toHaveTitle(/^\d+% · Settings/);
  await changeSettings(one.page, 'ownName=Ada');
  await expect(page.getByTestId('activity-strip')).toHaveCount(0);
  await expect(page.locator('nav .badge')).toHaveCount(0);
  await expect(page).toHaveTitle(/^Settings/);
});
