import { expect, test } from 'vitest';
import { inlineTypeOf, servedTypes } from './inline-types.ts';

test('pictures, sound, films, text and PDF have a type, whatever the case of their ending', () => {
  expect(inlineTypeOf('a b.JPG')).toEqual({ kind: 'image', mime: 'image/jpeg' });
  expect(inlineTypeOf('film.webm')).toEqual({ kind: 'video', mime: 'video/webm' });
  expect(inlineTypeOf('song.flac')).toEqual({ kind: 'audio', mime: 'audio/flac' });
  expect(inlineTypeOf('page.html.txt')).toEqual({ kind: 'text', mime: 'text/plain; charset=utf-8' });
  expect(inlineTypeOf('paper.pdf')?.kind).toBe('pdf');
});

test('what can hold a script, and what has no ending, has none', () => {
  const names = [
    'a.html',
    'a.htm',
    'a.xhtml',
    'a.svg',
    'a.svgz',
    'a.xml',
    'a.xsl',
    'a.mht',
    'a.swf',
    'a.wasm',
    'png',
    '.png',
    'a.',
    'a.constructor',
    'a.__proto__',
  ];
  for (const name of names) expect([name, inlineTypeOf(name)]).toEqual([name, null]);
});

test('only media elements get films and sound, only a frame gets a PDF, and nothing else gets anything', () => {
  expect(servedTypes('video')).toContain('video/mp4');
  expect(servedTypes('audio')).toContain('video/mp4');
  expect(servedTypes('iframe')).toEqual(['application/pdf']);
  for (const destination of ['document', 'script', 'worker', 'style', 'embed', 'object', 'image', 'font', ''] as const)
    expect([destination, ...servedTypes(destination)]).toEqual([destination]);
  for (const mime of [...servedTypes('video'), ...servedTypes('iframe')]) expect(mime).not.toMatch(/html|svg|xml|script/);
});
