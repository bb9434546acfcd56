import { execFileSync } from 'node:child_process';
import type { Locator } from 'playwright';
import { share } from '../../harness/app/app.ts';
import { limitUplink } from '../../harness/app/limit-uplink.ts';
import { person } from '../../harness/app/people.ts';
import { Lab } from '../../harness/lab.ts';
import { median, type Bench } from '../figures.ts';

const uplink = 2_000_000;
const lengthSeconds = 120;
/** Where the person jumps to, in seconds, while most of the film is missing: its download takes 23 s. */
const jumps = [100, 55, 80] as const;
const mostSeconds = 2;

/** Two minutes at 3 Mbit/s, with the index at the end, where a player needs it first. */
function makeFilm(path: string): void {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25', '-t', String(lengthSeconds)];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
  const rate = ['-b:v', '3M', '-minrate', '3M', '-maxrate', '3M', '-bufsize', '3M', '-x264-params', 'nal-hrd=cbr'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...coding, ...rate, path]);
}

/** Milliseconds until the film goes on beyond `from`, at once or after a jump there. */
function playsFrom(film: Locator, from: number, jump: boolean): Promise<number> {
  return film.evaluate(
    async (element: HTMLVideoElement, [second, jumps]) => {
      const start = performance.now();
      if (jumps) element.currentTime = second;
      while (element.seeking || element.currentTime <= second + 0.04) await new Promise((resolve) => setTimeout(resolve, 10));
      return performance.now() - start;
    },
    [from, jump] as const,
  );
}

async function watch(): Promise<{ readonly start: number; readonly jumps: readonly number[] }> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const path = lab.fresh('film.mp4');
    makeFilm(path);
    const { page: sending } = await person(lab, tracker);
    await limitUplink(sending, uplink);
    const magnet = await share(sending, path);
    const { page } = await person(lab, tracker, { autostart: true, magnet });
    const open = page.getByTestId('open-file');
    await open.waitFor();
    const before = performance.now();
    await open.click();
    const film = page.getByTestId('preview').locator('video');
    await playsFrom(film, 0, false);
    const start = performance.now() - before;
    const jumped: number[] = [];
    for (const second of jumps) jumped.push(await playsFrom(film, second, true));
    return { start: start / 1000, jumps: jumped.map((ms) => ms / 1000) };
  } finally {
    await lab.close();
  }
}

/** A film that is watched while it comes over an uplink of 2 MB/s. Needs ffmpeg. */
export const media: Bench = {
  name: 'media',
  onlyByName: true,
  async measure({ runs }) {
    const watched = [];
    for (let round = 0; round < runs; round++) watched.push(await watch());
    const starts = watched.map(({ start }) => start);
    const longest = watched.map(({ jumps: each }) => Math.max(...each));
    return [
      {
        name: 'film of 3 Mbit/s over 2 MB/s: from Open to moving pictures',
        value: median(starts),
        unit: 's',
        target: { atMost: mostSeconds },
      },
      { name: '… the longest of three jumps to what is missing', value: median(longest), unit: 's', target: { atMost: mostSeconds } },
    ];
  },
};
