import type { Lab } from '../lab.ts';
import { PatchedSite } from '../servers/patched-site.ts';
import type { Tracker } from '../servers/tracker.ts';

const heldPath = '/held/hashing';

/** Put before the script of a Worker: after `free` hashes all further ones wait for an answer of the site. */
const holdHashing = (free: number): string => `{
  const { digest } = SubtleCrypto.prototype;
  let left = ${free};
  let answered;
  SubtleCrypto.prototype.digest = async function held(...words) {
    if (left-- <= 0) await (answered ??= fetch('${heldPath}'));
    return digest.apply(this, words);
  };
}
`;

interface HeldHashing {
  readonly url: string;
  readonly letGo: () => void;
  /** Holds the Workers that start from now on. */
  readonly hold: () => void;
}

/**
 * The app at an address where no Worker makes more than `free` hashes before `letGo`: a fast machine would be through with hashing or checking
 * before the test looks.
 */
export async function heldHashing(lab: Lab, tracker: Tracker, free = 0): Promise<HeldHashing> {
  let letGo = (): void => undefined;
  let answer = Promise.resolve('');
  const hold = (): void => void (answer = new Promise<string>((resolve) => (letGo = () => resolve(''))));
  hold();
  const site = await PatchedSite.start(tracker.url, {
    prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? holdHashing(free) : ''),
    answer: (path) => (path === heldPath ? answer : null),
  });
  lab.own(async () => site.close());
  return { url: site.url, letGo: () => letGo(), hold };
}
