import { median, type Figure } from '../figures.ts';
import { Crowd, saturate } from './crowd.ts';
import { ServerProcess, type ServerName, type Usage } from './servers/server-process.ts';

/** What one server did under one load. */
interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly perSecondWithOffers: number;
  readonly cpuMicrosWithOffers: number;
  readonly offersRelayed: number;
  readonly residentKilobytes: number;
  readonly heapKilobytes: number;
}

const swarms = 10;
const seconds = 3;
const names: readonly ServerName[] = ['Tabswarm', 'bittorrent-tracker', 'echo'];

async function sample(name: ServerName, connections: number): Promise<Sample> {
  const server = await ServerProcess.start(name);
  try {
    const before = await server.usage();
    const crowd = await Crowd.gather(server.port, connections, swarms);
    const held = await server.usage();
    const [plain, plainCpu] = await loaded(server, crowd, 0);
    const [full, fullCpu] = name === 'echo' ? [plain, plainCpu] : await loaded(server, crowd, 5);
    crowd.leave();
    const each = (of: keyof Usage): number => (held[of] - before[of]) / connections / 1000;
    return {
      perSecond: plain.announces / plain.seconds,
      cpuMicros: plainCpu / plain.announces,
      perSecondWithOffers: full.announces / full.seconds,
      cpuMicrosWithOffers: fullCpu / full.announces,
      offersRelayed: full.offers / full.announces,
      residentKilobytes: each('residentBytes'),
      heapKilobytes: each('heapBytes'),
    };
  } finally {
    await server.stop();
  }
}

/** Runs shortly before measuring, so that all code is compiled. */
async function loaded(server: ServerProcess, crowd: Crowd, offers: number): Promise<[Awaited<ReturnType<typeof saturate>>, number]> {
  await saturate(crowd, offers, 1);
  const before = await server.usage();
  const load = await saturate(crowd, offers, seconds);
  return [load, (await server.usage()).cpuMicros - before.cpuMicros];
}

/** The three servers take turns, so that a disturbance of the machine affects all of them. */
export async function speed(connections: number, runs: number): Promise<Figure[]> {
  const samples = new Map(names.map((name) => [name, [] as Sample[]]));
  for (let round = 0; round < runs; round++) {
    for (const name of names) samples.get(name)?.push(await sample(name, connections));
  }
  const of = (name: ServerName, what: keyof Sample): number => median((samples.get(name) ?? []).map((taken) => taken[what]));
  return [...names.flatMap((name) => own(name, connections, of)), ...compared(connections, of)];
}

type Middle = (name: ServerName, what: keyof Sample) => number;

function own(name: ServerName, connections: number, of: Middle): Figure[] {
  const at = `${name}, ${connections} connections`;
  const figures: Figure[] = [
    { name: `${at}: announces answered`, value: of(name, 'perSecond'), unit: '/s' },
    { name: `${at}: CPU per announce`, value: of(name, 'cpuMicros'), unit: 'µs' },
    { name: `${at}: resident memory per connection`, value: of(name, 'residentKilobytes'), unit: 'kB' },
    { name: `${at}: heap per connection`, value: of(name, 'heapKilobytes'), unit: 'kB' },
  ];
  if (name === 'echo') return figures;
  return [
    ...figures,
    { name: `${at}: announces with five offers answered`, value: of(name, 'perSecondWithOffers'), unit: '/s' },
    { name: `${at}: CPU per announce with five offers`, value: of(name, 'cpuMicrosWithOffers'), unit: 'µs' },
    { name: `${at}: offers relayed per announce`, value: of(name, 'offersRelayed'), unit: 'x' },
  ];
}

/** Rates depend on what else runs on the machine; announces per CPU second say how a server with a core of its own compares. */
function compared(connections: number, of: Middle): Figure[] {
  const over = (other: ServerName, what: keyof Sample): number => of('Tabswarm', what) / of(other, what);
  const less = (other: ServerName, what: keyof Sample): number => of(other, what) / of('Tabswarm', what);
  const plain = { atLeast: connections < 5000 ? 1.3 : 2.5 };
  const at = `${connections} connections`;
  return [
    { name: `${at}: announces/s over bittorrent-tracker`, value: over('bittorrent-tracker', 'perSecond'), unit: 'x', target: plain },
    {
      name: `${at}: announces per CPU second over bittorrent-tracker`,
      value: less('bittorrent-tracker', 'cpuMicros'),
      unit: 'x',
      target: plain,
    },
    { name: `${at}: announces/s over the bare echo`, value: over('echo', 'perSecond'), unit: 'x', target: { atLeast: 0.85 } },
    { name: `${at}: announces per CPU second over the bare echo`, value: less('echo', 'cpuMicros'), unit: 'x', target: { atLeast: 0.85 } },
    {
      name: `${at}: with five offers over bittorrent-tracker`,
      value: over('bittorrent-tracker', 'perSecondWithOffers'),
      unit: 'x',
      target: { atLeast: 1.6 },
    },
    {
      name: `${at}: with five offers per CPU second over bittorrent-tracker`,
      value: less('bittorrent-tracker', 'cpuMicrosWithOffers'),
      unit: 'x',
      target: { atLeast: 1.6 },
    },
    {
      name: `${at}: resident memory per connection above the bare echo's`,
      value: of('Tabswarm', 'residentKilobytes') - of('echo', 'residentKilobytes'),
      unit: 'kB',
      target: { atMost: 2 },
    },
    {
      name: `${at}: heap per connection above the bare echo's`,
      value: of('Tabswarm', 'heapKilobytes') - of('echo', 'heapKilobytes'),
      unit: 'kB',
      target: { atMost: 2 },
    },
  ];
}
