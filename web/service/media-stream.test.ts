import { expect, test } from 'vitest';
import type { MediaAnswer, MediaRange, MediaRequest } from '../bridge/media-streams.ts';
import { answerMedia, type MediaPage } from './media-stream.ts';

const content = new TextEncoder().encode('0123456789');
const url = new URL('http://localhost/-/media/token');
const asked = (destination: RequestDestination, range?: string): Request =>
  ({ method: 'GET', destination, headers: new Headers(range === undefined ? {} : { range }) }) as Request;

/** Plays the page and the engine, which sends four bytes for each pull and, unless it fails, all that is asked. */
function pageWith(mime: string, pulls: unknown[] = [], fails = false, made = 'token'): MediaPage {
  return {
    postMessage({ token, control }: MediaRequest) {
      if (token !== made) return control.postMessage({ kind: 'unknown' } satisfies MediaAnswer);
      control.addEventListener('message', ({ data }) => send(data as MediaRange));
      control.start();
      control.postMessage({ kind: 'file', length: content.length, mime } satisfies MediaAnswer);
    },
  };
  function send({ offset, length, port }: MediaRange): void {
    let at = offset;
    port.onmessage = ({ data }) => {
      pulls.push(data);
      if ('cancel' in data) return port.close();
      if (fails && at > offset) return port.close();
      const chunk = content.slice(at, Math.min(at + 4, offset + length));
      at += chunk.length;
      port.postMessage(chunk.length === 0 ? null : chunk.buffer);
    };
  }
}

const answer = (request: Request, pages: readonly MediaPage[]): Promise<Response> => answerMedia(request, url, Promise.resolve(pages));

test('every range is answered with exactly its bytes and says which they are', async () => {
  for (const [range, text, contentRange] of [
    ['bytes=0-1', '01', 'bytes 0-1/10'],
    ['bytes=0-', '0123456789', 'bytes 0-9/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=3-99', '3456789', 'bytes 3-9/10'],
  ] as const) {
    const response = await answer(asked('video', range), [pageWith('video/webm')]);
    expect([response.status, response.headers.get('content-range'), response.headers.get('content-length')]).toEqual([
      206,
      contentRange,
      String(text.length),
    ]);
    expect(await response.text()).toBe(text);
  }
});

test('without a range comes the whole file, and beyond its end nothing', async () => {
  const whole = await answer(asked('audio'), [pageWith('audio/mpeg')]);
  expect([whole.status, whole.headers.get('accept-ranges'), await whole.text()]).toEqual([200, 'bytes', '0123456789']);
  const beyond = await answer(asked('audio', 'bytes=10-'), [pageWith('audio/mpeg')]);
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
});

test('the answer is in a sandbox, is never sniffed, and has a type of our list only', async () => {
  const { headers } = await answer(asked('video', 'bytes=0-'), [pageWith('video/mp4')]);
  expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-type')).toBe('video/mp4');
  for (const mime of ['text/html', 'image/svg+xml', 'application/pdf'])
    expect((await answer(asked('video'), [pageWith(mime)])).status).toBe(404);
  expect((await answer(asked('iframe'), [pageWith('video/mp4')])).status).toBe(404);
});

test('only media elements and the frame of a PDF are answered, and only about what a page opened', async () => {
  for (const destination of ['document', 'script', 'worker', 'style', 'embed', 'object', ''] as const)
    expect((await answer(asked(destination), [pageWith('video/mp4')])).status).toBe(404);
  expect((await answer(asked('video'), [])).status).toBe(404);
  const unknown = await answerMedia(asked('video'), new URL('http://localhost/-/media/guess'), Promise.resolve([pageWith('video/mp4')]));
  expect(unknown.status).toBe(404);
});

test('a tab that shows nothing, and so does not answer, holds no PDF of another tab back', async () => {
  const silent: MediaPage = { postMessage: () => undefined };
  const begun = performance.now();
  const response = await answer(asked('iframe'), [silent, pageWith('video/mp4', [], false, 'other'), pageWith('application/pdf'), silent]);
  expect(await response.text()).toBe('0123456789');
  expect(performance.now() - begun).toBeLessThan(5000);
}, 20_000);

test('the engine is asked for no more than the player takes, and told when it stops', async () => {
  const pulls: unknown[] = [];
  const response = await answer(asked('video', 'bytes=0-'), [pageWith('video/mp4', pulls)]);
  const reader = response.body!.getReader();
  await reader.read();
  expect(pulls).toEqual([{ pull: true }]);
  await reader.cancel();
  await expect.poll(() => pulls).toEqual([{ pull: true }, { cancel: true }]);
});

test('a file that ends early is a failure, not a short file', async () => {
  const response = await answer(asked('video', 'bytes=0-'), [pageWith('video/mp4', [], true)]);
  await expect(response.text()).rejects.toThrow('6 bytes early');
});

test('a page that is closed while the player reads nothing ends the body when it goes on', async () => {
  const ports: MessagePort[] = [];
  const page: MediaPage = {
    postMessage({ control }: MediaRequest) {
      control.onmessage = ({ data }: MessageEvent<MediaRange>) => {
        ports.push(data.port);
        data.port.onmessage = () => data.port.postMessage(new ArrayBuffer(4));
      };
      control.postMessage({ kind: 'file', length: content.length, mime: 'video/webm' } satisfies MediaAnswer);
    },
  };
  const reader = (await answer(asked('video'), [page])).body!.getReader();
  expect((await reader.read()).value?.length).toBe(4);
  ports[0]?.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(reader.read()).rejects.toThrow('6 bytes early');
});
