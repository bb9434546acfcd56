import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { complete, share, torrentState } from '../../harness/app/app.ts';
import { tabThrough } from '../../harness/app/keyboard.ts';
import { person } from '../../harness/app/people.ts';
import { changeSettings } from '../../harness/app/settings.ts';
import type { Lab } from '../../harness/lab.ts';
import { expect, test } from '../../harness/test.ts';

const bytesPerSecond = 192_000;

/** A tone that rises, as PCM: every second of it is somewhere else in the file. */
function tune(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * bytesPerSecond);
  for (let at = 0; at < samples.length; at += 4) {
    const time = at / bytesPerSecond;
    const value = Math.round(8000 * Math.sin(2 * Math.PI * (200 + time) * time));
    samples.writeInt16LE(value, at);
    samples.writeInt16LE(value, at + 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(48_000, 24);
  header.writeUInt32LE(bytesPerSecond, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** A picture of one colour, and a film of a second, made by the browser itself. */
async function madeByBrowser(page: Page): Promise<{ png: Buffer; webm: Buffer }> {
  const [png, webm] = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 90 });
    const context = canvas.getContext('2d')!;
    const draw = (hue: number): void => {
      context.fillStyle = `hsl(${hue} 60% 50%)`;
      context.fillRect(0, 0, 160, 90);
    };
    draw(0);
    const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    for (let frame = 0; frame < 20; frame++) {
      draw(frame * 18);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await new Promise((resolve) => (recorder.onstop = resolve));
    const base64 = async (blob: Blob): Promise<string> => {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    };
    return [await base64(picture!), await base64(new Blob(parts))] as const;
  });
  return { png: Buffer.from(png, 'base64'), webm: Buffer.from(webm, 'base64') };
}

/** A folder of these files, by name. */
function folderOf(lab: Lab, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(lab.fresh('share'), 'Trip');
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert('the PDF itself'))>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj
trailer<</Root 1 0 R>>`;

async function open(page: Page, name: string): Promise<Locator> {
  await page.locator(`[data-testid=open-file][data-path="Trip/${name}"]`).click();
  const preview = page.locator(`[data-testid=preview][data-path="Trip/${name}"]`);
  await preview.waitFor();
  return preview;
}

const isShown = (image: Locator): Promise<boolean> => image.evaluate((element: HTMLImageElement) => element.naturalWidth > 0);
const playedSeconds = (media: Locator): Promise<number> => media.evaluate((element: HTMLMediaElement) => element.currentTime);

test('sender and receiver open pictures, films, text and PDF in place', async ({ lab, tracker }) => {
  const { page: one } = await person(lab, tracker);
  const { png, webm } = await madeByBrowser(one);
  const texts = { 'c.txt': 'Dinner at 19:00 – bring 🍞\n', 'd.pdf': pdf, 'e.bin': 'no' };
  // A film of which the browser knows the sound only.
  const folder = folderOf(lab, { 'a.png': png, 'b.webm': webm, ...texts, 'f.mp4': tune(9) });
  const magnet = await share(one, folder, 'folder-input');
  const { page: other } = await person(lab, tracker, { autostart: true, magnet });
  await complete(other);
  await one.getByText('Files', { exact: true }).click();
  for (const page of [one, other]) {
    await expect.poll(async () => isShown((await open(page, 'a.png')).locator('img'))).toBe(true);
    const film = (await open(page, 'b.webm')).locator('video');
    await expect.poll(() => playedSeconds(film)).toBeGreaterThan(0.1);
    const heard = await open(page, 'f.mp4');
    await expect(heard.getByTestId('only-sound')).toHaveText('This video has no picture that your browser can show. You hear its sound.');
    await expect(heard.locator('video')).toBeVisible();
    await expect.poll(() => playedSeconds(heard.locator('video'))).toBeGreaterThan(0.1);
    await expect((await open(page, 'c.txt')).locator('pre')).toHaveText('Dinner at 19:00 – bring 🍞\n');
    await expect((await open(page, 'd.pdf')).locator('iframe')).toBeVisible();
    await expect(page.locator('[data-testid=open-file][data-path="Trip/e.bin"]')).toHaveCount(0);
  }
  await open(other, 'c.txt');
  await other.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await other.getByTestId('copy-text').click();
  await expect.poll(() => other.evaluate(() => navigator.clipboard.readText())).toBe('Dinner at 19:00 – bring 🍞\n');
  await other.getByRole('button', { name: 'Close c.txt' }).click();
  const opener = (name: string): Locator => other.locator(`[data-testid=open-file][data-path="Trip/${name}"]`);
  await expect(opener('c.txt')).toBeFocused();
  for (const name of ['c.txt', 'b.webm']) {
    await opener(name).press('Enter');
    await expect(other.getByRole('heading', { name })).toBeFocused();
    expect(await tabThrough(other)).toEqual([]);
    await other.getByRole('heading', { name }).press('Tab');
    await other.keyboard.press('Escape');
    await expect(other.getByTestId('preview')).toHaveCount(0);
    await expect(opener(name)).toBeFocused();
  }
});

/** Made by ffmpeg, less than a second each. */
function film(name: string): Buffer {
  return readFileSync(new URL(`../../../web/ui/preview/codecs/fixtures/${name}`, import.meta.url));
}

test('what the browser cannot play, see or hear of a film is named', async ({ lab, tracker }) => {
  const names = ['hevc.mp4', 'hevc-opus.mkv', 'h264-ac3.mp4', 'xvid-mp3.avi', 'alac.m4a', 'theora.ogv', 'speex.spx', 'ima.wav'];
  const files = Object.fromEntries(names.map((name) => [name, film(name)]));
  const { page: one } = await person(lab, tracker);
  await share(one, folderOf(lab, { ...files, 'broken.mp4': 'no film', 'broken.wmv': 'no film' }), 'folder-input');
  await one.getByText('Files', { exact: true }).click();
  const said = async (name: string, what: string): Promise<string> =>
    (await (await open(one, name)).getByTestId(what).innerText()).replaceAll(/[\u2068\u2069]/g, '');
  const noVideo = (kind: string): string => `Your browser cannot play this kind of video: ${kind}. Another app may play it.`;
  const noAudio = (kind: string): string => `Your browser cannot play this kind of sound: ${kind}. Another app may play it.`;
  expect(await said('hevc.mp4', 'unplayable')).toBe(noVideo('HEVC (H.265)'));
  expect(await said('xvid-mp3.avi', 'unplayable')).toBe(noVideo('AVI and MPEG-4 Part 2 (DivX, Xvid)'));
  expect(await said('theora.ogv', 'unplayable')).toBe(noVideo('Theora'));
  expect(await said('broken.wmv', 'unplayable')).toBe(noVideo('WMV'));
  expect(await said('broken.mp4', 'unplayable')).toBe('Your browser cannot play this kind of video. Another app may play it.');
  expect(await said('alac.m4a', 'unplayable')).toBe(noAudio('ALAC'));
  expect(await said('speex.spx', 'unplayable')).toBe(noAudio('Speex'));
  expect(await said('ima.wav', 'unplayable')).toBe(noAudio('ADPCM'));
  expect(await said('hevc-opus.mkv', 'only-sound')).toBe(
    'Your browser cannot show the picture of this video: HEVC (H.265). You hear its sound.',
  );
  expect(await said('h264-ac3.mp4', 'no-sound')).toBe(
    'Your browser cannot play the sound of this video: AC-3 (Dolby Digital). Another app may play it.',
  );
  await expect(one.getByTestId('preview').locator('video')).toBeVisible();
});

const attack = `<script>parent.ran = top.ran = window.ran = true; alert('ran')</script>`;
const page = `<!doctype html><body onload="parent.ran = true">${attack}`;
const picture = `<svg xmlns="http://www.w3.org/2000/svg" onload="parent.ran = true">${attack}</svg>`;

test('a page, a drawing or a PDF of a stranger never runs here, whatever it is called', async ({ lab, tracker }) => {
  const files = Object.fromEntries(
    ['jpg', 'png', 'txt', 'mp4', 'mp3', 'pdf'].flatMap((ending) => [
      [`page.${ending}`, page],
      [`drawing.${ending}`, picture],
      [`paper.${ending}`, pdf],
    ]),
  );
  const { page: one } = await person(lab, tracker);
  const magnet = await share(one, folderOf(lab, { ...files, 'page.html': page, 'drawing.svg': picture, 'x.xhtml': page }), 'folder-input');
  const { page: victim } = await person(lab, tracker, { autostart: true, magnet });
  const dialogs: string[] = [];
  victim.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await complete(victim);
  for (const name of ['page.html', 'drawing.svg', 'x.xhtml'])
    await expect(victim.locator(`[data-testid=open-file][data-path="Trip/${name}"]`)).toHaveCount(0);
  for (const name of Object.keys(files)) {
    const preview = await open(victim, name);
    // The words of a refusal, or what there is to see.
    await expect(preview.locator('[role=status], pre, iframe').first()).toBeVisible();
    if (name.endsWith('.txt')) await expect(preview.locator('pre')).toHaveText(String(files[name]));
    else if (name === 'paper.pdf') await expect(preview.locator('iframe')).toBeVisible();
    else await expect(preview.getByRole('status')).toContainText('Another app may');
  }
  // The paths of an open file are no page, no script and nothing for anything else.
  const path = (await (await open(victim, 'paper.pdf')).locator('iframe').getAttribute('src'))!;
  expect(await victim.evaluate(async (url) => (await fetch(url)).status, path)).toBe(404);
  const visit = await victim.context().newPage();
  expect((await visit.goto(tracker.url + path))?.status()).toBe(404);
  expect(await victim.evaluate(() => 'ran' in window)).toBe(false);
  // The browser's viewer runs the script of a PDF apart from every site, and shows what it says once it has loaded.
  expect(dialogs.filter((words) => words !== 'the PDF itself')).toEqual([]);
});

test('sound plays while it downloads, and from where the person jumps to', async ({ lab, tracker }) => {
  const path = lab.fresh('tune.wav');
  writeFileSync(path, tune(120));
  const { page: one } = await person(lab, tracker);
  // The download lasts 92 s, and playing needs 192 kB/s.
  await changeSettings(one, 'limitUp=250000');
  const magnet = await share(one, path);
  const { page: other } = await person(lab, tracker, { autostart: true, magnet });
  await other.getByTestId('open-file').click();
  const audio = other.getByTestId('preview').locator('audio');
  await expect.poll(() => playedSeconds(audio)).toBeGreaterThan(0.2);
  await audio.evaluate((element: HTMLAudioElement) => {
    element.currentTime = 100;
  });
  await expect.poll(() => playedSeconds(audio)).toBeGreaterThan(100.2);
  expect((await torrentState(other)).phase).toBe('downloading');
});
