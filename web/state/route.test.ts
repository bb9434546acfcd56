import { expect, test } from 'vitest';
import { autostartOf, hashOf, routeOf, saveMethodOf, type Route } from './route.svelte.ts';

const magnet = 'magnet:?xt=urn:btih:63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55&dn=a%20b';

test('every route reads back from its address', () => {
  const routes: Route[] = [
    { view: 'home' },
    { view: 'link', link: magnet },
    { view: 'torrent', id: 'hashing-1' },
    { view: 'catalogue' },
    { view: 'library' },
    { view: 'settings' },
    { view: 'lab', query: '' },
    { view: 'lab', query: 'peers=10&seed=3' },
  ];
  expect(routes.map((route) => routeOf(hashOf(route)))).toEqual(routes);
});

test('a link that a messenger encoded is still a link', () => {
  expect(routeOf(`#${encodeURIComponent(magnet)}`)).toEqual({ view: 'link', link: magnet });
  expect(routeOf('#magnet%3A%E0%A4%A')).toEqual({ view: 'link', link: 'magnet%3A%E0%A4%A' });
});

test('a short link is the magnet link that it stands for', () => {
  expect(routeOf('#YwUdMKHudrH_GeGw0N58jJoqT1U/a+b')).toEqual({ view: 'link', link: magnet.replace('a%20b', 'a+b') });
});

test('an unknown view is the home view', () => {
  for (const hash of ['', '#', '#/', '#/nothing', '#/torrent', '#/torrent/a/b', '#javascript:alert(1)'])
    expect(routeOf(hash)).toEqual({ view: 'home' });
});

test('the switches before the fragment', () => {
  expect(['?save=blob', '?save=stream&autostart=1', '?save=elsewhere', ''].map(saveMethodOf)).toEqual(['blob', 'stream', null, null]);
  expect(['?autostart=1', '?autostart=0', ''].map(autostartOf)).toEqual([true, false, false]);
});
