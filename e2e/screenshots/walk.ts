import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { Lab } from '../harness/lab.ts';
import { DevServer } from '../harness/servers/dev-server.ts';
import { Camera } from './camera.ts';
import type { Stage } from './scenes/stage.ts';
import { stateScenes } from './scenes/states.ts';
import { viewScenes } from './scenes/views.ts';

interface WalkOptions {
  readonly directory: string;
  /** Also asks axe about each picture's page. */
  readonly axe: boolean;
  /** Only scenes whose name contains one of these; all where there is none. */
  readonly only: readonly string[];
  readonly print: (line: string) => void;
}

/** A state is reached by real transfers, and those by machines of any speed. */
const reachMs = 120_000;

/** The README's pictures: one of the walk's each, by the name that it has there. */
const readmePictures: Readonly<Record<string, string>> = {
  share: 'state-sharing-1280',
  receive: 'state-downloading-1280',
  details: 'receive-details-people-1280',
  library: 'library-1280',
  phone: 'state-notStarted-360',
};

/** What the browser shows when it offers to install the app, by state; `web/public/manifest.webmanifest` names them with these sizes. */
const installPictures: Readonly<Record<string, { readonly name: string; readonly width: number; readonly height: number }>> = {
  downloading: { name: 'wide', width: 1280, height: 800 },
  notStarted: { name: 'narrow', width: 400, height: 800 },
};

type Scene = (stage: Stage, camera: Camera) => Promise<void>;

function scenes(): Map<string, Scene> {
  const all = new Map<string, Scene>();
  for (const [state, reach] of Object.entries(stateScenes))
    all.set(`state-${state}`, async (stage, camera) => {
      const page = await reach(stage);
      const headline = page.locator('[data-testid=headline]').first();
      await expect(headline).toHaveAttribute('data-state', state, { timeout: reachMs });
      await camera.shoot(page, `state-${state}`);
      const install = installPictures[state];
      if (install !== undefined) await camera.window(page, `install-${install.name}`, install);
      const after = await headline.getAttribute('data-state');
      if (after !== state) camera.findings.push(`state-${state}: became ${after} while its pictures were taken`);
    });
  for (const [view, play] of Object.entries(viewScenes))
    all.set(`view-${view}`, (stage, camera) => play(stage, (page, name) => camera.shoot(page, name)));
  return all;
}

/** Plays each scene in a lab of its own. Returns what is wrong, a line each. */
export async function walk({ directory, axe, only, print }: WalkOptions): Promise<readonly string[]> {
  const camera = new Camera({ directory, axe });
  const shared = new Lab();
  let server: Promise<DevServer> | null = null;
  const fixtures = (): Promise<DevServer> => (server ??= startFixtures(shared));
  try {
    for (const [name, scene] of scenes()) {
      if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
      await play(name, scene, fixtures, camera, print);
    }
  } finally {
    await shared.close();
  }
  return camera.findings;
}

async function startFixtures(lab: Lab): Promise<DevServer> {
  const server = await DevServer.start(lab.fresh('fixtures'));
  lab.own(() => server.interrupt());
  return server;
}

async function play(name: string, scene: Scene, fixtures: Stage['fixtures'], camera: Camera, print: WalkOptions['print']): Promise<void> {
  const lab = new Lab();
  const before = camera.findings.length;
  try {
    await scene({ lab, tracker: await lab.tracker(), fixtures }, camera);
  } catch (error) {
    camera.findings.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  await lab.close().catch((error: unknown) => camera.findings.push(`${name}: ${String(error)}`));
  print(`${camera.findings.length === before ? '✓' : '✗'} ${name}`);
  for (const finding of camera.findings.slice(before)) print(`  ${finding}`);
}

/** Copies the pictures of the README and of the web app manifest from a whole walk. */
export function copyKeptPictures(directory: string): void {
  for (const [name, picture] of Object.entries(readmePictures))
    for (const theme of ['light', 'dark'])
      copyFileSync(join(directory, `${picture}-${theme}.png`), join('e2e', 'screenshots', `${name}-${theme}.png`));
  for (const { name } of Object.values(installPictures))
    copyFileSync(join(directory, `install-${name}.png`), join('web', 'public', 'screenshots', `${name}.png`));
}
