import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Everything that can move something in any view, with where it stands. */
const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(css|svelte|html|ts)$/.test(path) && !path.startsWith('paraglide') && !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

function places(pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([found]) => `${path}: ${found.replaceAll(/\s+/g, ' ')}`));
}

test('every transition takes the time that is 0 for people who want no motion', () => {
  const transitions = places(/\btransition(-duration)?:[^;]*;/g);
  expect(transitions.length).toBeGreaterThan(2);
  const parts = transitions.flatMap((place) => place.split(','));
  expect(parts.filter((part) => !part.includes('var(--quick)'))).toEqual([]);
  expect(places(/@media \(prefers-reduced-motion: reduce\) \{\s*:root \{\s*--quick: 0s;/g)).toHaveLength(1);
});

test('an animation only waits: it takes no time', () => {
  const animations = places(/\banimation(-duration)?:[^;]*;/g);
  expect(animations.length).toBeGreaterThan(1);
  expect(animations.filter((place) => !/: animation: [\w-]+ 0s [\d.]+s backwards;$/.test(place))).toEqual([]);
});

test('no script moves or scrolls anything smoothly', () => {
  expect(
    places(
      /scroll-behavior|behavior: *['"]smooth|\.animate\(|svelte\/(transition|animate|motion)|<animate|view-transition|startViewTransition/g,
    ),
  ).toEqual([]);
});
