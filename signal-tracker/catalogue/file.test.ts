import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalogue, catalogueLimits, seedlessMs } from './catalogue.ts';
import { CatalogueFile } from './file.ts';
import { UsageError } from '../config/usage-error.ts';
import { TestClient } from '../testing/client.ts';
import { hashNamed, TestPublisher } from '../testing/publisher.ts';
import { startTracker } from '../compose.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabswarm-catalogue-'));
  path = join(folder, 'list.json');
});

afterEach(() => rmSync(folder, { recursive: true }));

const seeded = () => ({ seeds: 1, leeches: 0 });
const listing = (name: string) => ({ infoHash: hashNamed(name), name, sizeBytes: 1, fileCount: 1 });

test('entries, their order and removals by the operator survive a restart; publishers have an hour to come back', async () => {
  const first = CatalogueFile.open(path);
  const before = new Catalogue(seeded, catalogueLimits, first.record);
  for (const name of ['film', 'songs', 'spam']) before.list(listing(name), 'ann');
  before.bar(hashNamed('spam'));
  await first.save(before);

  let seeds = 0;
  const after = new Catalogue(() => ({ seeds, leeches: 0 }), catalogueLimits, CatalogueFile.open(path).record);
  expect(after.page('', 1).shares.map(({ name }) => name)).toEqual(['songs', 'film']);
  expect(after.page('FILM', 1).total).toBe(1);
  after.sweep(0);
  after.sweep(seedlessMs - 1);
  expect(after.size).toBe(2);
  seeds = 1;
  expect([after.list(listing('spam'), 'ann'), after.list(listing('film'), 'bob')]).toEqual(['barred', 'anotherPublisher']);
  expect(readdirSync(folder)).toEqual(['list.json']);
});

test('only changes are written, and the last one wins', async () => {
  const file = CatalogueFile.open(path);
  const catalogue = new Catalogue(seeded);
  await file.save(catalogue);
  expect(readdirSync(folder)).toEqual([]);
  const saves = Array.from({ length: 20 }, (_, number) => {
    catalogue.list(listing(`film ${number}`), 'ann');
    return file.save(catalogue);
  });
  await Promise.all(saves);
  expect(CatalogueFile.open(path).record).toEqual(catalogue.record());
  writeFileSync(path, 'untouched');
  await file.save(catalogue);
  expect(readFileSync(path, 'utf8')).toBe('untouched');
});

test('a file that is not a catalogue is not overwritten', () => {
  const entry = { listing: listing('film'), publicKey: 'ann' };
  const others: unknown[] = ['', '{', [], {}, { version: 2, entries: [], barred: [] }, { version: 1, entries: [{}], barred: [] }];
  others.push({ version: 1, entries: [entry], barred: ['x'] }, { version: 1, entries: [{ ...entry, publicKey: 1 }], barred: [] });
  for (const other of others) {
    const text = typeof other === 'string' ? other : JSON.stringify(other);
    writeFileSync(path, text);
    expect(() => CatalogueFile.open(path)).toThrow(UsageError);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
});

test('closing the tracker writes pending changes', async () => {
  const tracker = await startTracker({ port: 0, host: '127.0.0.1', catalogue: true, catalogueFile: CatalogueFile.open(path) });
  const seed = await TestClient.open(tracker.port);
  seed.announce('film', 'seed', { left: 0 });
  await seed.settled();
  const ann = await TestPublisher.make();
  const body = JSON.stringify(await ann.listing(listing('film'), Date.now()));
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${tracker.port}/api/catalogue`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
  await tracker.close();
  expect(CatalogueFile.open(path).record?.entries).toEqual([{ listing: listing('film'), publicKey: ann.publicKey }]);
});
