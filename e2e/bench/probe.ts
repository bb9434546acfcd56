import { rawChannel, run, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
for (const c of [webTorrentMemory, rawChannel, webTorrentDefaults,]) console.log(await run(c, 64*1024*1024));
