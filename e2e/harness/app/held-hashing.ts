import type { Lab } from '../lab.ts';
import { PatchedSite } from '../servers/patched-site.ts';
import type { Tracker } from '../servers/tracker.ts';

const heldPath = '/held/hashing';

/** Put before the script of a Worker: each hash waits for an answer of the site, or for `everyMs` where they are only slowed down. */
const holdHashing = (everyMs: number | null): string => `{
  const { digest } = SubtleCrypto.prototype;
  let answered;
  SubtleCrypto.prototype.digest = async function held(...words) {
    answered ??= fetch('${heldPath}');
    await ${everyMs === null ? 'answered' : `Promise.race([answered, new Promise((resolve) => setTimeout(resolve, ${everyMs}))])`};
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
 * The app at an address where no Worker hashes before `letGo`, or only a piece `everyMs`: a fast machine would be through with hashing or checking
 * before the test looks.
 */
export async function heldHashing(lab: Lab, tracker: Tracker, everyMs: number | null = null): Promise<HeldHashing> {
  let letGo = (): void => undefined;
  let answer = Promise.resolve('');
  const hold = (): void => void (answer = new Promise<string>((resolve) => (letGo = () => resolve(''))));
  hold();
  const site = await PatchedSite.start(tracker.url, {
    prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? holdHashing(everyMs) : ''),
    answer: (path) => (path === heldPath ? answer : null),
  });
  lab.own(async () => site.close());
  return { url: site.url, letGo: () => letGo(), hold };
}
