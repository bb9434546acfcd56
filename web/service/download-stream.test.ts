import { expect, test } from 'vitest';
import type { DownloadEntry, DownloadFeed, DownloadReport } from '../bridge/downloads.ts';
import { afterDownloads, answerDownload, confirmDownloads, registerDownload } from './download-stream.ts';

const asked = (mode: RequestMode, destination: RequestDestination): Request => ({ method: 'GET', mode, destination }) as Request;
const navigation = asked('navigate', 'iframe');
const url = (token: string): URL => new URL(`http://localhost/-/save/${token}`);

/** Plays the page and the engine: hands out a port for every requested entry, which gives one of `chunks` for each pull. */
function register(token: string, entries: readonly DownloadEntry[], chunksOf: (index: number) => readonly string[] | null) {
  const { port1: control, port2 } = new MessageChannel();
  const reports: string[] = [];
  control.onmessage = ({ data: report }: MessageEvent<DownloadReport>) => {
    reports.push(report.kind);
    if (report.kind === 'done' || report.kind === 'failed') control.close();
    if (report.kind !== 'entry') return;
    const chunks = chunksOf(report.index);
    if (chunks === null) return control.postMessage({ kind: 'failed' } satisfies DownloadFeed);
    const bytes = feeding(chunks);
    control.postMessage({ kind: 'bytes', port: bytes } satisfies DownloadFeed, [bytes]);
  };
  registerDownload({ kind: 'download', token, fileName: 'ü.zip', entries, zip: entries.length > 1, control: port2 });
  return reports;
}

function feeding(chunks: readonly string[]): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const left = [...chunks];
  port1.onmessage = () => {
    const chunk = left.shift();
    const bytes = chunk === undefined ? null : new TextEncoder().encode(chunk).buffer;
    port1.postMessage(bytes, bytes === null ? [] : [bytes]);
  };
  return port2;
}

test('a file arrives unchanged, with headers that keep it from running', async () => {
  register('one', [{ name: 'a.txt', length: 11 }], () => ['hello ', 'world']);
  const response = answerDownload(navigation, url('one'));
  expect(response.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
  expect(response.headers.get('content-length')).toBe('11');
  expect(await response.text()).toBe('hello world');
});

test('several files arrive as one ZIP of the announced length', async () => {
  const entries = [
    { name: 'Trip/a.txt', length: 5 },
    { name: 'Trip/empty.txt', length: 0 },
    { name: 'Trip/b.txt', length: 6 },
  ];
  register('zip', entries, (index) => [['hello'], [], ['wor', 'ld!']][index] ?? null);
  const response = answerDownload(navigation, url('zip'));
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(String(bytes.length)).toBe(response.headers.get('content-length'));
  expect(new TextDecoder('latin1').decode(bytes)).toMatch(/^PK.*Trip\/a\.txt.*hello.*world!.*PK/s);
});

test('a path works once, and only for the navigation of a frame', async () => {
  register('once', [{ name: 'a', length: 0 }], () => []);
  for (const destination of ['script', 'worker', 'style', 'image', 'object', ''] as const) {
    expect(answerDownload(asked('no-cors', destination), url('once')).status).toBe(404);
  }
  expect(answerDownload(navigation, url('guess')).status).toBe(404);
  const first = answerDownload(navigation, url('once'));
  expect(first.status).toBe(200);
  expect(answerDownload(navigation, url('once')).status).toBe(404);
  await first.body!.cancel();
});

test('a download that the engine cannot read fails instead of ending short', async () => {
  const refused = register('refused', [{ name: 'a', length: 3 }], () => null);
  await expect(answerDownload(navigation, url('refused')).text()).rejects.toThrow('the engine could not read the file');
  expect(refused).toContain('entry');
  register('short', [{ name: 'a', length: 30 }], () => ['only this']);
  await expect(answerDownload(navigation, url('short')).text()).rejects.toThrow('21 bytes early');
});

test('a page hears that its download is still known until it ends', async () => {
  const reports = register('known', [{ name: 'a', length: 2 }], () => ['ok']);
  confirmDownloads();
  const response = answerDownload(navigation, url('known'));
  confirmDownloads();
  await response.text();
  confirmDownloads();
  await expect.poll(() => reports).toEqual(['ready', 'alive', 'alive', 'entry', 'done']);
});

test('closing the tab fails the download', async () => {
  const { port1: control, port2 } = new MessageChannel();
  control.onmessage = ({ data: report }: MessageEvent<DownloadReport>) => {
    if (report.kind === 'failed') control.close();
    if (report.kind !== 'entry') return;
    const { port1: engine, port2: bytes } = new MessageChannel();
    engine.onmessage = () => engine.close();
    control.postMessage({ kind: 'bytes', port: bytes } satisfies DownloadFeed, [bytes]);
  };
  registerDownload({ kind: 'download', token: 'gone', fileName: 'a', entries: [{ name: 'a', length: 3 }], zip: false, control: port2 });
  await expect(answerDownload(navigation, url('gone')).text()).rejects.toThrow('the engine could not read the file');
});

test('a newer service worker takes over between downloads, not during one', async () => {
  let idle = 0;
  register('first', [{ name: 'a', length: 2 }], () => ['ok']);
  afterDownloads(() => idle++);
  const response = answerDownload(navigation, url('first'));
  expect(idle).toBe(0);
  await response.text();
  expect(idle).toBe(1);
  afterDownloads(() => idle++);
  expect(idle).toBe(2);
});

test('a download that nobody reads fails when it goes on, where its tab was closed meanwhile', async () => {
  const { port1: control, port2 } = new MessageChannel();
  const { port1: engine, port2: bytes } = new MessageChannel();
  engine.onmessage = () => engine.postMessage(new ArrayBuffer(2));
  control.onmessage = ({ data }: MessageEvent<DownloadReport>) => {
    if (data.kind === 'entry') control.postMessage({ kind: 'bytes', port: bytes } satisfies DownloadFeed, [bytes]);
  };
  const entries = [{ name: 'a', length: 30 }];
  registerDownload({ kind: 'download', token: 'paused', fileName: 'a', entries, zip: false, control: port2 });
  const reader = answerDownload(navigation, url('paused')).body!.getReader();
  expect((await reader.read()).value?.length).toBe(2);
  engine.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(reader.read()).rejects.toThrow('could not read');
  control.close();
});

test('a tab that is closed when it is asked for a file, or before, fails the download', async () => {
  const entries = [{ name: 'a', length: 3 }];
  for (const isAsked of [true, false]) {
    const { port1: control, port2 } = new MessageChannel();
    control.onmessage = ({ data }: MessageEvent<DownloadReport>) => {
      if (data.kind === 'entry') control.close();
    };
    registerDownload({ kind: 'download', token: 'left', fileName: 'a', entries, zip: false, control: port2 });
    const response = answerDownload(navigation, url('left'));
    if (!isAsked) {
      control.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await expect(response.text()).rejects.toThrow('was closed');
  }
});

test('a tab that is closed before its download begins holds no newer service worker back', async () => {
  const { port1: control, port2 } = new MessageChannel();
  registerDownload({ kind: 'download', token: 'early', fileName: 'a', entries: [{ name: 'a', length: 3 }], zip: false, control: port2 });
  let isIdle = false;
  afterDownloads(() => (isIdle = true));
  expect(isIdle).toBe(false);
  control.close();
  await expect.poll(() => isIdle, { timeout: 4000 }).toBe(true);
  expect(answerDownload(navigation, url('early')).status).toBe(404);
});

test('the engine is told when the person cancels a download, also while its first byte is awaited', async () => {
  for (const isEarly of [false, true]) {
    const told: unknown[] = [];
    const { port1: control, port2 } = new MessageChannel();
    control.onmessage = ({ data }: MessageEvent<DownloadReport>) => {
      if (data.kind !== 'entry') return;
      if (isEarly) void reader.cancel();
      const { port1: engine, port2: bytes } = new MessageChannel();
      engine.onmessage = (event: MessageEvent<object>) => {
        told.push(event.data);
        if ('pull' in event.data) engine.postMessage(new ArrayBuffer(1));
      };
      control.postMessage({ kind: 'bytes', port: bytes } satisfies DownloadFeed, [bytes]);
    };
    registerDownload({ kind: 'download', token: 'stop', fileName: 'a', entries: [{ name: 'a', length: 3 }], zip: false, control: port2 });
    const reader = answerDownload(navigation, url('stop')).body!.getReader();
    await reader.read();
    if (!isEarly) await reader.cancel();
    await expect.poll(() => told, { timeout: 4000 }).toContainEqual({ cancel: true });
    control.close();
  }
});

test('a file that comes from another tab goes on when the tab that saves it is closed', async () => {
  const { port1: control, port2 } = new MessageChannel();
  control.onmessage = ({ data: report }: MessageEvent<DownloadReport>) => {
    if (report.kind !== 'entry') return;
    const bytes = feeding(['hello ', 'world']);
    control.postMessage({ kind: 'bytes', port: bytes } satisfies DownloadFeed, [bytes]);
    setTimeout(() => control.close(), 50);
  };
  const entries = [{ name: 'a', length: 11 }];
  registerDownload({ kind: 'download', token: 'other-tab', fileName: 'a', entries, zip: false, control: port2 });
  const reader = answerDownload(navigation, url('other-tab')).body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('world');
  expect((await reader.read()).done).toBe(true);
});
