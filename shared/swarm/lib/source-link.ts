import type { LinkId } from '../../ids.ts';

/** Web seeds give pieces as links do, under numbers that no link has: −2 and below (−1 is nobody). */
const firstSource = -2;

/** `source` is the index of a web seed. */
export function sourceLink(source: number): LinkId {
  return (firstSource - source) as LinkId;
}

/** The source behind this number, or `null` where it is a link's. */
export function sourceBehind(link: LinkId): number | null {
  return link <= firstSource ? firstSource - link : null;
}
