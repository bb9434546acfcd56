import { expect, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { Catalogue, catalogueLimits, seedlessMs, type CatalogueLimits } from './catalogue.ts';
import { hashNamed } from '../testing/publisher.ts';

/** A catalogue whose swarms the test controls: seeds and leeches by info hash. */
function setting(limits: Partial<CatalogueLimits> = {}) {
  const people = new Map<InfoHash, { seeds: number; leeches: number }>();
  const nobody = { seeds: 0, leeches: 0 };
  const catalogue = new Catalogue((infoHash) => people.get(infoHash) ?? nobody, { ...catalogueLimits, ...limits });
  const list = (name: string, publicKey = 'ann') => {
    const infoHash = hashNamed(name);
    if (!people.has(infoHash)) people.set(infoHash, { seeds: 1, leeches: 0 });
    return catalogue.list({ infoHash, name, sizeBytes: 1000, fileCount: 2 }, publicKey);
  };
  const names = (search = '', page = 1): string[] => catalogue.page(search, page).shares.map(({ name }) => name);
  return { catalogue, people, list, names };
}

test('a listed share is shown with the current peers of its swarm', () => {
  const { catalogue, people, list } = setting();
  expect(list('Film')).toBeNull();
  const share = { infoHash: hashNamed('Film'), name: 'Film', sizeBytes: 1000, fileCount: 2, publicKey: 'ann' };
  expect(catalogue.page('', 1)).toEqual({ shares: [{ ...share, seeds: 1, leeches: 0 }], total: 1, page: 1, pages: 1 });
  people.set(share.infoHash, { seeds: 3, leeches: 40 });
  expect(catalogue.find(share.infoHash)).toEqual({ ...share, seeds: 3, leeches: 40 });
});

test('a share that nobody seeds is not listed', () => {
  const { catalogue, people, list } = setting();
  people.set(hashNamed('Film'), { seeds: 0, leeches: 5 });
  expect([list('Film'), catalogue.size]).toEqual(['notSeeded', 0]);
});

test('a share has one publisher: nobody else can change or remove it', () => {
  const { catalogue, list, names } = setting();
  list('Film', 'ann');
  expect([list('Film', 'bob'), catalogue.remove(hashNamed('Film'), 'bob')]).toEqual(['anotherPublisher', 'anotherPublisher']);
  expect(list('Film', 'ann')).toBeNull();
  expect(names()).toEqual(['Film']);
  expect(catalogue.remove(hashNamed('Film'), 'ann')).toBeNull();
  expect(catalogue.remove(hashNamed('Film'), 'ann')).toBe('notListed');
  // Once removed it may be listed by anyone.
  expect(list('Film', 'bob')).toBeNull();
});

test('a share that is listed again keeps its place and shows its new name', () => {
  const { catalogue, list, names } = setting();
  list('Film');
  list('Songs');
  catalogue.list({ infoHash: hashNamed('Film'), name: 'Better film', sizeBytes: 1, fileCount: 1 }, 'ann');
  expect(names()).toEqual(['Songs', 'Better film']);
  expect(names('better')).toEqual(['Better film']);
});

test('search matches every word, in any order, ignoring case, accents and compatibility forms', () => {
  const { list, names } = setting();
  for (const name of ['Été à Genève.mkv', 'ÆTHER ﬁlm', 'Привет МИР', 'Summer in Geneva 2024']) list(name);
  const found = (search: string): string[] => names(search).toSorted();
  expect(found('GENEVE ete')).toEqual(['Été à Genève.mkv']);
  expect(found('gene')).toEqual(['Summer in Geneva 2024', 'Été à Genève.mkv']);
  expect(found('mkv.GENÈVE')).toEqual(['Été à Genève.mkv']);
  expect(found('film')).toEqual(['ÆTHER ﬁlm']);
  expect(found('мир')).toEqual(['Привет МИР']);
  expect(found('geneva winter')).toEqual([]);
  expect(found(' . ')).toHaveLength(4);
});

test('pages are newest first, without repetition; a page beyond the last is the last', () => {
  const { catalogue, list, names } = setting({ pageEntries: 2 });
  for (const name of ['a1', 'a2', 'b', 'a3']) list(name);
  expect([names('', 1), names('', 2)]).toEqual([
    ['a3', 'b'],
    ['a2', 'a1'],
  ]);
  expect([names('a', 2), names('a', 9), names('a', -3)]).toEqual([['a1'], ['a1'], ['a3', 'a2']]);
  expect(catalogue.page('a', 9)).toMatchObject({ total: 3, page: 2, pages: 2 });
});

test('a full catalogue refuses new entries and still changes existing ones', () => {
  const { list, catalogue } = setting({ maxEntries: 2 });
  expect([list('a'), list('b'), list('c'), list('a')]).toEqual([null, null, 'full', null]);
  catalogue.remove(hashNamed('a'), 'ann');
  expect(list('c')).toBeNull();
});

test('one publisher can list a limited number of shares', () => {
  const { list, catalogue } = setting({ maxEntriesPerKey: 2 });
  expect([list('a'), list('b'), list('c'), list('a'), list('c', 'bob')]).toEqual([null, null, 'quota', null, null]);
  catalogue.remove(hashNamed('a'), 'ann');
  expect(list('d')).toBeNull();
});

test('an entry is removed after an hour without a seed; a seed in between restarts the hour', () => {
  const { catalogue, people, list, names } = setting();
  list('film');
  list('songs');
  catalogue.sweep(0);
  people.set(hashNamed('film'), { seeds: 0, leeches: 3 });
  catalogue.sweep(1000);
  catalogue.sweep(1000 + seedlessMs - 1);
  expect(names()).toEqual(['songs', 'film']);
  people.set(hashNamed('film'), { seeds: 1, leeches: 2 });
  catalogue.sweep(1000 + seedlessMs);
  people.set(hashNamed('film'), { seeds: 0, leeches: 2 });
  catalogue.sweep(2000 + seedlessMs);
  catalogue.sweep(1999 + 2 * seedlessMs);
  expect(names()).toEqual(['songs', 'film']);
  catalogue.sweep(2000 + 2 * seedlessMs);
  expect(names()).toEqual(['songs']);
});

test('what the operator removed cannot be listed again; the list of removals is limited', () => {
  const { catalogue, list } = setting({ maxBarred: 2 });
  list('film');
  catalogue.bar(hashNamed('film'));
  expect([catalogue.size, list('film', 'ann'), list('film', 'bob')]).toEqual([0, 'barred', 'barred']);
  catalogue.bar(hashNamed('x'));
  catalogue.bar(hashNamed('y'));
  expect([list('film'), list('y')]).toEqual([null, 'barred']);
});
