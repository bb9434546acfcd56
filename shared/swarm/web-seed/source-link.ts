import type { LinkId } from '../../ids.ts';
import type { SourceIndex } from '../events.ts';

/** Web seeds give pieces as links do, under numbers that no link has: −2 and below (−1 is nobody). */
const firstSource = -2;

export function sourceLink(source: SourceIndex): LinkId {
  return (firstSource - source) as LinkId;
}

/** The source behind this number, or `null` where it is a link's. */
export function sourceBehind(link: LinkId): SourceIndex | null {
  return link <= firstSource ? firstSource - link : null;
}
