import { expect, test } from 'vitest';
import { shareLinksOf } from './share-links.ts';

const page = { origin: 'https://share.example', lanOrigin: null, trackers: ['wss://share.example/announce', 'wss://b.example'] };
const hash = '63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55';
const short = 'YwUdMKHudrH_GeGw0N58jJoqT1U';
const magnet = `magnet:?xt=urn:btih:${hash}&dn=Summer%20in%20Lisbon&tr=wss%3A%2F%2Fshare.example%2Fannounce`;

test('a link names no tracker of its own page', () => {
  const link = `https://share.example/#${short}/Summer+in+Lisbon`;
  expect(shareLinksOf(magnet, page)).toEqual({ link, qr: link, magnet, hereOnly: false });
  expect(shareLinksOf(`${magnet}&tr=wss%3A%2F%2Fb.example`, page).link).toBe(link);
  expect(shareLinksOf(magnet, { ...page, trackers: [] }).link).toBe(link);
});

test('a link that needs other trackers or web seeds is the magnet link', () => {
  for (const more of ['&tr=wss%3A%2F%2Fc.example', '&ws=https%3A%2F%2Fshare.example%2Fseeds%2F']) {
    const links = shareLinksOf(magnet + more, page);
    expect(links).toEqual({ link: `https://share.example/#${magnet}${more}`, qr: links.link, magnet: magnet + more, hereOnly: false });
  }
});

test('at localhost the links lead to the address in the network', () => {
  const local = { origin: 'http://localhost:8000', lanOrigin: 'https://192.168.1.5:8000', trackers: ['ws://localhost:8000/announce'] };
  const links = shareLinksOf(`magnet:?xt=urn:btih:${hash}&dn=a&tr=ws%3A%2F%2Flocalhost%3A8000%2Fannounce`, local);
  expect(links.link).toBe(`https://192.168.1.5:8000/#${short}/a`);
  expect(links.magnet).toBe(`magnet:?xt=urn:btih:${hash}&dn=a&tr=wss%3A%2F%2F192.168.1.5%3A8000%2Fannounce`);
  expect(links.hereOnly).toBe(false);
  expect(shareLinksOf(magnet, { ...local, lanOrigin: null })).toMatchObject({ link: `http://localhost:8000/#${magnet}`, hereOnly: true });
  expect(shareLinksOf(magnet, { ...page, lanOrigin: 'https://192.168.1.5:8000' }).link).toMatch(/^https:\/\/share\.example\//);
});

test('the QR code leaves a long name out', () => {
  const long = magnet.replace('Summer', 'A%20very%20long,%20hot%20and%20rainy%20summer');
  expect(shareLinksOf(long, page).qr).toBe(`https://share.example/#${short}`);
  expect(shareLinksOf(long, page).link).toBe(`https://share.example/#${short}/A+very+long%2C+hot+and+rainy+summer+in+Lisbon`);
});
