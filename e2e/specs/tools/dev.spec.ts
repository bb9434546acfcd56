import { connect } from 'node:net';
import { openApp, complete, share } from '../../harness/app/app.ts';
import { DevServer } from '../../harness/servers/dev-server.ts';
import { expect, test } from '../../harness/test.ts';

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', (hadError) => resolve(!hadError));
  });
}

test('npm run dev transfers a file, shows changes of page, engine and tracker, and ends with Ctrl-C', async ({ lab }) => {
  const dev = await DevServer.start(lab.fresh('tree'));
  lab.own(() => dev.interrupt());
  const payload = await lab.payload('payload.bin', 300_000);
  const page = await (await lab.browser()).page();
  await openApp(page, dev.url);
  const magnet = await share(page, payload.path);
  const other = await (await lab.browser()).page();
  await openApp(other, dev.url, { autostart: true, magnet });
  await complete(other);

  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  dev.append('web/App.svelte', '<p data-testid="edited">Edited</p>');
  await page.getByTestId('edited').waitFor();
  expect(await page.evaluate(() => 'sameDocument' in window), 'a component is replaced without a reload').toBe(true);

  dev.append('web/engine/worker.ts', 'Object.assign(globalThis, { edited: true });');
  // The page reloads meanwhile: a Worker that is asked just then is gone before it can answer.
  const isEdited = (): Promise<boolean> | undefined =>
    page
      .workers()
      .at(-1)
      ?.evaluate(() => 'edited' in globalThis)
      .catch(() => false);
  await expect.poll(isEdited).toBe(true);

  dev.append('signal-tracker/main.ts', "process.stderr.write('edited tracker');");
  await expect.poll(() => dev.output.includes('edited tracker')).toBe(true);
  await expect.poll(() => dev.trackerAnswers()).toBe(true);

  await dev.interrupt();
  for (const port of [Number(new URL(dev.url).port), dev.trackerPort]) await expect.poll(() => isOpen(port)).toBe(false);
});
