import { rmSync, writeFileSync } from 'node:fs';
import { EnginePage } from '../../harness/app/engine-page.ts';
import type { Lab } from '../../harness/lab.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** An engine that shares a file of `bytes` with a complete copy in storage. */
async function withCopy(lab: Lab, bytes: number) {
  const payload = await lab.payload('kept.bin', bytes);
  const { url } = await lab.site();
  const browser = await lab.browser();
  const engine = await EnginePage.open(await browser.page(), url);
  await engine.start();
  const { id, infoHash } = await engine.publish([payload.path], 'yes');
  await engine.waitFor(id, (torrent) => torrent.source === 'stored');
  return { payload, url, browser, engine, id, infoHash };
}

test('a stored copy survives a reload and a killed browser unchanged', async ({ lab }) => {
  const { payload, url, browser, engine, id } = await withCopy(lab, 24 * mebibyte);
  await engine.reload();
  await engine.start();
  expect(await engine.savedHash(id, 0)).toBe(payload.hash);

  await browser.kill();
  const again = await lab.browser({ profile: browser.profile });
  const reopened = await EnginePage.open(await again.page(), url);
  await reopened.start();
  expect(await reopened.savedHash(id, 0)).toBe(payload.hash);
});

test('a share keeps its id from the drop over a reload to its removal', async ({ lab }) => {
  const payload = await lab.payload('renamed.bin', mebibyte);
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const { id } = await engine.publish([payload.path], 'no');
  await engine.call('rename', id, 'Late');
  await engine.reload();
  await engine.start();
  await engine.waitFor(id, ({ name }) => name === 'Late');
  await engine.call('remove', id);
  await expect.poll(() => engine.notices()).toContainEqual({ kind: 'removed', id });
});

test('files that are shared again take the place of the share before, with its title', async ({ lab }) => {
  const payload = await lab.payload('twice.bin', mebibyte);
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const before = await engine.publish([payload.path], 'yes');
  await engine.call('rename', before.id, 'Titled');
  await engine.waitFor(before.id, ({ source }) => source === 'stored');
  const after = await engine.publish([payload.path], 'no');
  expect(after.infoHash).toBe(before.infoHash);
  await expect.poll(() => engine.notices()).toContainEqual({ kind: 'removed', id: before.id });
  await expect(engine.call('pause', before.id)).rejects.toThrow('unknownTorrent');
  await engine.waitFor(after.id, ({ name, source }) => name === 'Titled' && source === 'stored');
  expect(await engine.savedHash(after.id, 0)).toBe(payload.hash);
});

test('a record of an earlier version, which kept no id, opens under its info hash', async ({ lab }) => {
  const { payload, url, engine, infoHash } = await withCopy(lab, mebibyte);
  await engine.page.goto(url);
  await engine.page.evaluate(async (hash) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('tabswarm');
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = database.transaction('catalogue', 'readwrite');
    const records = transaction.objectStore('catalogue');
    records.get(`torrent:${hash}`).onsuccess = function forget(this: IDBRequest<Record<string, unknown>>) {
      const { id: _, ...record } = this.result;
      records.put(record, `torrent:${hash}`);
    };
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  }, infoHash);
  await engine.inject();
  await engine.start();
  expect(await engine.savedHash(infoHash, 0)).toBe(payload.hash);
});

test('a database that does not answer is not deleted, and works again at the next start', async ({ lab }) => {
  const { payload, url, engine, id, infoHash } = await withCopy(lab, 4 * mebibyte);
  await engine.page.goto(url);
  // Everyone who opens it now waits for a version change, which waits for this connection.
  await engine.page.evaluate(async (name) => {
    const request = indexedDB.open(name);
    await new Promise((resolve) => (request.onsuccess = resolve));
    indexedDB.open(name, 2).onupgradeneeded = ({ target }) => (target as IDBOpenDBRequest).transaction!.abort();
  }, `tabswarm-${infoHash}`);
  await engine.inject();
  await engine.start();
  const notices = (): Promise<readonly unknown[]> => engine.notices();
  await expect.poll(notices, { timeout: 30_000 }).toContainEqual(expect.objectContaining({ kind: 'storage', inMemory: true }));
  await engine.reload();
  await engine.start();
  expect(await engine.savedHash(id, 0)).toBe(payload.hash);
});

test('a damaged record fails its hash and is never sent', async ({ lab }) => {
  const { url, engine, id, infoHash } = await withCopy(lab, 8 * mebibyte);
  await engine.page.goto(url);
  await engine.page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = database.transaction('pieces', 'readwrite');
    const pieces = transaction.objectStore('pieces');
    pieces.getAllKeys().onsuccess = function choose(this: IDBRequest<IDBValidKey[]>) {
      const group = this.result.find((key) => typeof key === 'string' && key.includes(':'))!;
      pieces.get(group).onsuccess = function damage(this: IDBRequest<ArrayBuffer>) {
        const bytes = new Uint8Array(this.result);
        bytes[100]! ^= 1;
        pieces.put(bytes.buffer, group);
      };
    };
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  }, `tabswarm-${infoHash}`);
  await engine.reload();
  await engine.start();
  await expect(engine.savedHash(id, 0)).rejects.toThrow('notComplete');
  const torrent = await engine.waitFor(id, ({ failure }) => failure !== null);
  expect(torrent.failure?.code).toBe('storageLost');
  expect(torrent.verifiedBytes).toBeLessThan(torrent.totalBytes);
});

test('with full storage, a torrent reports it, keeps seeding, and stores the rest after Resume', async ({ lab }) => {
  const payload = await lab.payload('large.bin', 32 * mebibyte);
  const { url } = await lab.site();
  const browser = await lab.browser();
  const page = await browser.page();
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 12 * mebibyte });
  const engine = await EnginePage.open(page, url);
  await engine.start();
  const { id } = await engine.publish([payload.path], 'yes');
  const full = await engine.waitFor(id, ({ failure }) => failure !== null);
  expect([full.failure?.code, full.phase, full.verifiedBytes]).toEqual(['quotaExceeded', 'seeding', payload.bytes]);

  await devtools.send('Storage.overrideQuotaForOrigin', { origin: url });
  await engine.call('resume', id);
  await engine.waitFor(id, ({ failure, source }) => failure === null && source === 'stored');
  expect(await engine.savedHash(id, 0)).toBe(payload.hash);
});

test('a file deleted after it was chosen fails only its own share', async ({ lab }) => {
  const payload = await lab.payload('stays.bin', mebibyte);
  const gone = lab.fresh('gone.bin');
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const { id: kept } = await engine.publish([payload.path], 'no');
  writeFileSync(gone, new Uint8Array(3 * mebibyte).fill(7));
  await engine.page.setContent('<input type="file" multiple>');
  await engine.page.setInputFiles('input', gone);
  rmSync(gone);
  const id = await engine.page.evaluate(async () => {
    const [file] = document.querySelector('input')!.files!;
    await window.engine.call('handFiles', ['batch', [{ path: ['gone.bin'], file }]]);
    return ((await window.engine.call('publish', ['x', 'batch', { keepCopy: 'no' }])) as { id: string }).id;
  });
  const failed = await engine.waitFor(id, ({ phase }) => phase === 'failed');
  expect([failed.failure?.code, failed.failure?.detail]).toEqual(['fileUnreadable', 'x']);
  expect(await engine.savedHash(kept, 0)).toBe(payload.hash);
});

test('after a reload, sharing continues when the files are chosen again', async ({ lab }) => {
  const payload = await lab.payload('again.bin', 5 * mebibyte);
  const other = await lab.payload('other.bin', 5 * mebibyte, 2);
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const { id } = await engine.publish([payload.path], 'no');
  await engine.reload();
  await engine.start();
  await engine.waitFor(id, ({ source }) => source === 'unreachable');

  const reconnect = async (path: string): Promise<void> => {
    await engine.page.setContent('<input type="file">');
    await engine.page.setInputFiles('input', path);
    await engine.page.evaluate(async (torrent) => {
      const [file] = document.querySelector('input')!.files!;
      await window.engine.call('handFiles', ['batch', [{ path: ['again.bin'], file }]]);
      await window.engine.call('reconnectFiles', [torrent, 'batch']);
    }, id);
  };
  // A different file of the same length: every piece fails its check.
  await expect(reconnect(other.path)).rejects.toThrow('wrongFiles');
  await expect(engine.savedHash(id, 0)).rejects.toThrow('notComplete');
  await reconnect(payload.path);
  await engine.waitFor(id, ({ verifiedBytes, phase }) => verifiedBytes === payload.bytes && phase === 'seeding');
  expect(await engine.savedHash(id, 0)).toBe(payload.hash);
});

test('databases that no torrent has are deleted at start, and no others', async ({ lab }) => {
  const { payload, url, engine, id, infoHash } = await withCopy(lab, mebibyte);
  await engine.page.goto(url);
  await engine.page.evaluate(
    async (names) => {
      for (const name of names) {
        const request = indexedDB.open(name);
        await new Promise((resolve) => (request.onsuccess = resolve));
        request.result.close();
      }
    },
    [`tabswarm-${'ab'.repeat(20)}`, 'another-app'],
  );
  await engine.inject();
  await engine.start();
  await expect.poll(() => databaseNames(engine)).toEqual(['another-app', 'tabswarm', `tabswarm-${infoHash}`]);
  expect(await engine.savedHash(id, 0)).toBe(payload.hash);
});

test('a torrent that is removed while its storage opens leaves no database', async ({ lab }) => {
  const { url, engine, id, infoHash } = await withCopy(lab, mebibyte);
  await engine.page.goto(url);
  // Everyone who opens it now waits for a version change, which waits three seconds for this connection.
  await engine.page.evaluate(async (name) => {
    const request = indexedDB.open(name);
    await new Promise((resolve) => (request.onsuccess = resolve));
    indexedDB.open(name, 2).onupgradeneeded = ({ target }) => (target as IDBOpenDBRequest).transaction!.abort();
    setTimeout(() => request.result.close(), 3000);
  }, `tabswarm-${infoHash}`);
  await engine.inject();
  const started = engine.start();
  await expect.poll(() => engine.notices()).toContainEqual(expect.objectContaining({ kind: 'tabs', leads: true }));
  await engine.call('remove', id);
  await started;
  expect(await databaseNames(engine)).toEqual(['tabswarm']);
});

test('a torrent whose steps ended two Workers is set aside until Resume, and the others go on', async ({ lab }) => {
  const [good, bad] = [await lab.payload('good.bin', mebibyte, 1), await lab.payload('bad.bin', mebibyte, 2)];
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const [kept, suspect] = [await engine.publish([good.path], 'yes'), await engine.publish([bad.path], 'yes')];
  for (const { id } of [kept, suspect]) await engine.waitFor(id, ({ source }) => source === 'stored');
  await engine.reload();
  await engine.start(suspect.id);
  await engine.waitFor(suspect.id, ({ phase }) => phase === 'seeding');
  await engine.reload();
  await engine.start(suspect.id);
  const aside = await engine.waitFor(suspect.id, ({ phase }) => phase === 'failed');
  expect(aside.failure).toEqual({ code: 'torrentSetAside' });
  await engine.waitFor(kept.id, ({ phase }) => phase === 'seeding');
  // Also after a further reload, in which nothing died.
  await engine.reload();
  await engine.start();
  await engine.waitFor(suspect.id, ({ phase }) => phase === 'failed');
  await engine.call('resume', suspect.id);
  await engine.waitFor(suspect.id, ({ phase }) => phase === 'seeding');
  expect(await engine.savedHash(suspect.id, 0)).toBe(bad.hash);
});

test('a check during a reconnect leaves a running torrent', async ({ lab }) => {
  const payload = await lab.payload('checked.bin', 24 * mebibyte);
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const { id } = await engine.publish([payload.path], 'no');
  await engine.reload();
  await engine.start();
  await engine.waitFor(id, ({ source }) => source === 'unreachable');
  await engine.page.setContent('<input type="file">');
  await engine.page.setInputFiles('input', payload.path);
  await engine.page.evaluate(async (torrent) => {
    const [file] = document.querySelector('input')!.files!;
    await window.engine.call('handFiles', ['batch', [{ path: ['checked.bin'], file }]]);
    await Promise.all([window.engine.call('reconnectFiles', [torrent, 'batch']), window.engine.call('check', [torrent])]);
  }, id);
  await engine.waitFor(id, ({ verifiedBytes, phase }) => verifiedBytes === payload.bytes && phase === 'seeding');
});

test('no more than fifty links wait for a decision', async ({ lab }) => {
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const open = (number: number): Promise<unknown> =>
    engine.call('addMagnet', `magnet:?xt=urn:btih:${String(number).padStart(40, '0')}`, { autostart: 'no' });
  for (let number = 0; number < 50; number++) await open(number);
  await expect(open(50)).rejects.toThrow('tooManyLinks');
  // The same link again adds nothing.
  await open(49);
  await engine.call('addMagnet', `magnet:?xt=urn:btih:${'f'.repeat(40)}`, { autostart: 'yes' });
});

test('removing a torrent frees its database and reports the bytes', async ({ lab }) => {
  const payload = await lab.payload('removed.bin', 4 * mebibyte);
  const { url } = await lab.site();
  const engine = await EnginePage.open(await (await lab.browser()).page(), url);
  await engine.start();
  const { id } = await engine.publish([payload.path], 'yes');
  await engine.waitFor(id, (torrent) => torrent.source === 'stored');
  expect(await engine.call('remove', id)).toEqual({ freedBytes: 4 * mebibyte });
  expect(await engine.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual(['tabswarm']);
  await expect(engine.call('pause', id)).rejects.toThrow('unknownTorrent');
});

test('one tab leads; another sees and commands the same torrents, and leads when that one closes', async ({ lab }) => {
  const { url } = await lab.site();
  const browser = await lab.browser();
  const payload = await lab.payload('led.bin', 2 * mebibyte);
  const first = await EnginePage.open(await browser.page(), url);
  await first.start();
  const second = await EnginePage.open(await browser.context.newPage(), url);
  await second.start();
  // Shared without a copy by the tab that follows; read through it, and through the one that leads.
  const { id } = await second.publish([payload.path], 'no');
  for (const tab of [first, second]) expect(await tab.savedHash(id, 0)).toBe(payload.hash);
  expect([await parts(first), await parts(second)]).toEqual([[true], [false]]);

  await first.page.close();
  await expect.poll(() => parts(second)).toEqual([false, true]);
  expect(await second.savedHash(id, 0)).toBe(payload.hash);
  await second.call('remove', id);
  await expect(second.call('pause', id)).rejects.toThrow('unknownTorrent');
});

/** Whether the tab led, one after the other. */
async function parts(tab: EnginePage): Promise<unknown[]> {
  const leads = (await tab.notices()).filter(({ kind }) => kind === 'tabs').map((notice) => notice['leads']);
  return leads.filter((part, index) => part !== leads[index - 1]);
}

function databaseNames(engine: EnginePage): Promise<string[]> {
  return engine.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name!).sort());
}
