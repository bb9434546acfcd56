import type { Page } from 'playwright';
import { complete, openApp, share, shareLink } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

/** Three lines long on a phone. Only its end shows the file type. */
const longName = `${'minutes of the meeting about the minutes '.repeat(4)}final.pdf.exe`;

/** How the first shortened name is painted, and the text that copying it gives. */
function shortenedName(page: Page) {
  return page
    .locator('.short')
    .first()
    .evaluate((short) => {
      const name = short.parentElement!;
      const line = name.getBoundingClientRect();
      const full = name.querySelector('.full')!.getBoundingClientRect();
      const selection = getSelection()!;
      selection.selectAllChildren(name);
      return {
        shortened: full.top >= line.bottom && short.getBoundingClientRect().width > line.width / 2,
        fits: short.scrollWidth <= short.clientWidth,
        ending: (short as HTMLElement).dataset.end ?? '',
        copied: selection.toString().trim(),
      };
    });
}

test('a single file has one large Save button with an explanation', async ({ lab, tracker }) => {
  const payload = await lab.payload('only.bin', 256 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);
  const button = page.getByTestId('save-file');
  await expect(button).toHaveCount(1);
  await expect(button).toHaveClass(/primary/);
  await expect(button).toHaveAttribute('data-path', 'only.bin');
  await expect(page.getByText('Save it to keep it.')).toBeVisible();
  await button.click();
  await expect(button).toHaveText('Saved');
  await expect(page.getByText('Save it to keep it.')).toHaveCount(0);
});

test('“No, thanks” removes a link that was opened by mistake', async ({ lab, tracker }) => {
  const payload = await lab.payload('unwanted.bin', 64 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker, { magnet });
  await page.getByRole('button', { name: 'No, thanks' }).click();
  await expect(page.getByTestId('file-input')).toBeAttached();
  await expect(page.getByTestId('torrent')).toHaveCount(0);
  await openApp(page, tracker.url, { library: true });
  await expect(page.getByText('Nothing here yet.')).toBeVisible();
});

test('a long name is shortened in the middle but copied in full; as a heading it has at most three lines', async ({ lab, tracker }) => {
  const payload = await lab.payload(longName, 64 * 1024);
  const { page: seed, magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker, { magnet });
  await page.setViewportSize({ width: 360, height: 780 });
  await page.getByTestId('download-all').waitFor();
  await expect.poll(() => shortenedName(page)).toEqual({ shortened: true, fits: true, ending: 'inal.pdf.exe', copied: longName });
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveAttribute('title', longName);
  const lines = (): Promise<number> =>
    heading.evaluate((title) => Math.round(title.clientHeight / Number.parseFloat(getComputedStyle(title).lineHeight)));
  await expect.poll(lines).toBe(3);

  await seed.setViewportSize({ width: 360, height: 780 });
  await seed.getByRole('link', { name: 'Library' }).click();
  expect((await shortenedName(seed)).ending).toBe('inal.pdf.exe');
  await expect(seed.getByTestId('remove')).toHaveAccessibleName(`Remove ${longName}`);
});

test('phones are offered to choose files or to write a text, not to drop files', async ({ lab, tracker }) => {
  const { browser, page } = await person(lab, tracker);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Drop files');
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  await devtools.send('Emulation.setEmitTouchEventsForMouse', { enabled: true, configuration: 'mobile' });
  await devtools.send('Emulation.setDeviceMetricsOverride', { width: 360, height: 780, deviceScaleFactor: 2, mobile: true });
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose files to share');
  await expect(page.getByText('Drop them anywhere')).toHaveCount(0);
  // Nothing can be pasted there without a field.
  const field = page.getByTestId('text-input');
  await field.fill('Wi-Fi: 1234');
  await page.getByTestId('text-submit').press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('.txt');
  await shareLink(page);
  await openApp(page, tracker.url);
  await share(page, (await lab.payload('photo.bin', 1024)).path);
});
