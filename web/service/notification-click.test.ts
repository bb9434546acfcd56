import { expect, test } from 'vitest';
import { followNotification } from './notification-click.ts';

/** What happens to these pages, in order. */
async function followed(data: unknown, ...urls: readonly (readonly [frameType: string, url: string])[]): Promise<string[]> {
  const seen: string[] = [];
  const pages = urls.map(([frameType, url]) => ({
    frameType,
    url,
    focus: async () => seen.push(`focus ${url}`),
    postMessage: (message: unknown) => seen.push(`tell ${url} ${JSON.stringify(message)}`),
  }));
  const openWindow = async (url: string) => void seen.push(`open ${url}`);
  await followNotification({ matchAll: async () => pages, openWindow }, data);
  return seen;
}

const hash = '#/torrent/abc';

test('a notification leads to its torrent in a page that is open', async () => {
  expect(await followed({ hash }, ['top-level', 'https://a/?save=picker#/'])).toEqual([
    'focus https://a/?save=picker#/',
    `tell https://a/?save=picker#/ {"kind":"notificationClick","hash":"${hash}"}`,
  ]);
});

test('where only other pages of the site and frames are open, it opens the app', async () => {
  expect(await followed({ hash }, ['top-level', 'https://a/status'], ['nested', 'https://a/'])).toEqual([`open /${hash}`]);
});

test('a notification that is not ours leads nowhere', async () => {
  for (const data of [null, {}, { hash: 5 }, { hash: '//evil' }]) expect(await followed(data, ['top-level', 'https://a/'])).toEqual([]);
});
