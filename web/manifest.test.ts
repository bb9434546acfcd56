import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Picture {
  readonly src: string;
  readonly sizes: string;
  readonly form_factor?: 'wide' | 'narrow';
}

const folder = join(import.meta.dirname, 'public');
const { screenshots, icons } = JSON.parse(readFileSync(join(folder, 'manifest.webmanifest'), 'utf8')) as Record<string, Picture[]>;

/** Width and height stand in the first chunk of a PNG, at bytes 16 and 20. */
function sizesOf(png: Buffer): string {
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

test('the pictures that the web app manifest names exist and have the sizes that it states', () => {
  const pictures = [...(screenshots ?? []), ...(icons ?? [])].filter(({ src }) => src.endsWith('.png'));
  expect(pictures.map(({ src }) => sizesOf(readFileSync(join(folder, src))))).toEqual(pictures.map(({ sizes }) => sizes));
});

test('the install sheet has a small picture for large and one for small screens', () => {
  expect(screenshots?.map(({ form_factor }) => form_factor)).toEqual(['wide', 'narrow']);
  for (const { src } of screenshots ?? []) expect(readFileSync(join(folder, src)).length).toBeLessThan(100_000);
});
