import { rawChannel, run, tabswarm, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
const all = { raw: rawChannel, tab: tabswarm, wtd: webTorrentDefaults, wtm: webTorrentMemory } as const;
const bytes = Number(process.argv[2] ?? 64) * 1024 * 1024;
const names = (process.argv[3] ?? 'raw,tab').split(',') as (keyof typeof all)[];
for (let i = 0; i < Number(process.argv[4] ?? 1); i++) for (const name of names) console.log(name, JSON.stringify(await run(all[name], bytes)));
process.exit(0);
