import type { Lab } from '../lab.ts';
import { PatchedSite } from '../servers/patched-site.ts';
import type { Tracker } from '../servers/tracker.ts';

const heldPath = '/held/hashing';

/** Put before the script of a Worker: its first hash waits for an answer of the site. */
const holdHashing = `{
  const { digest } = SubtleCrypto.prototype;
  let answered;
  SubtleCrypto.prototype.digest = async function held(...words) {
    await (answered ??= fetch('${heldPath}'));
    return digest.apply(this, words);
  };
}
`;

/** The app at an address where no page gets beyond `hashing` before `letGo`: a fast machine would be done before the test looks. */
export async function heldHashing(lab: Lab, tracker: Tracker): Promise<{ readonly url: string; readonly letGo: () => void }> {
  let letGo = (): void => undefined;
  const answer = new Promise<string>((resolve) => (letGo = () => resolve('')));
  const site = await PatchedSite.start(tracker.url, {
    prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? holdHashing : ''),
    answer: (path) => (path === heldPath ? answer : null),
  });
  lab.own(async () => site.close());
  return { url: site.url, letGo: () => letGo() };
}
