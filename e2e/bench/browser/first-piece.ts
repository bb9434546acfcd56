import { openApp, share, verifiedShare } from '../../harness/app/app.ts';
import { Lab } from '../../harness/lab.ts';
import { median, type Bench } from '../figures.ts';

const mebibyte = 1024 * 1024;

async function secondsToFirstPiece(): Promise<number> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const payload = await lab.payload('payload.bin', 64 * mebibyte);
    const seed = await (await lab.browser()).page();
    await openApp(seed, tracker.url);
    const magnet = await share(seed, payload.path);
    const leech = await (await lab.browser()).page();
    const start = performance.now();
    await openApp(leech, tracker.url, { autostart: true, magnet });
    await verifiedShare(leech, Number.EPSILON);
    return (performance.now() - start) / 1000;
  } finally {
    await lab.close();
  }
}

/** From opening the link in a new browser to the first verified piece on the page. */
export const firstPiece: Bench = {
  name: 'first-piece',
  async measure({ runs }) {
    const seconds: number[] = [];
    for (let round = 0; round < runs; round++) seconds.push(await secondsToFirstPiece());
    return [{ name: 'link opened to first verified piece', value: median(seconds), unit: 's', target: { atMost: 1 } }];
  },
};
