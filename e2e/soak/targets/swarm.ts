import { itemAt } from '../../../shared/assert.ts';
import { concatBytes } from '../../../shared/bytes.ts';
import type { InfoHash, LinkId, PeerId } from '../../../shared/ids.ts';
import { blockBytes } from '../../../shared/limits.ts';
import { seededRandom, type Random } from '../../../shared/random.ts';
import { run } from '../../../shared/sim/run.ts';
import { randomScenario, type ScenarioSizeName } from '../../../shared/sim/scenarios/random.ts';
import type { Scenario } from '../../../shared/sim/scenarios/scenarios.ts';
import { mostSpoiledBy } from '../../../shared/sim/scenarios/strategies.ts';
import type { SwarmConfig } from '../../../shared/swarm/config.ts';
import type { Effect, Event } from '../../../shared/swarm/events.ts';
import { Torrent } from '../../../shared/swarm/torrent.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { encode } from '../../../shared/wire/encoder.ts';
import { writeDontHave } from '../../../shared/wire/extensions/dont-have.ts';
import { writeExtensionHandshake } from '../../../shared/wire/extensions/extension.ts';
import { writeMetadataRequest } from '../../../shared/wire/extensions/metadata.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import { mutated, noise, pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';

const infoHash = 'ab'.repeat(20) as InfoHash;
const link = 1 as LinkId;
const idOf = (index: number): PeerId => `2d5453303130302d${index.toString(16).padStart(24, '0')}` as PeerId;

function messageOf(pieceCount: number, random: Random): WireMessage {
  const piece = random.below(pieceCount + random.below(2));
  const begin = blockBytes * random.below(4) + random.below(2) * random.below(9);
  const length = pick([1, blockBytes, 131_072], random);
  return pick<() => WireMessage>(
    [
      () => ({ type: 'have', piece }),
      () => ({ type: 'haveAll' }),
      () => ({ type: 'haveNone' }),
      () => ({ type: 'bitfield', bits: new Uint8Array((pieceCount + 7) >> 3).fill(random.below(2) === 0 ? 0 : 0xf0) }),
      () => ({ type: 'choke' }),
      () => ({ type: 'unchoke' }),
      () => ({ type: 'interested' }),
      () => ({ type: 'notInterested' }),
      () => ({ type: 'request', piece, begin, length }),
      () => ({ type: 'cancel', piece, begin, length }),
      () => ({ type: 'reject', piece, begin, length }),
      () => ({ type: 'piece', piece, begin, block: new Uint8Array(Math.min(length, blockBytes)) }),
      () => ({ type: 'suggest', piece }),
      () => ({ type: 'allowedFast', piece }),
      () => ({ type: 'extended', id: 2, payload: writeDontHave(piece) }),
      () => ({ type: 'extended', id: 1, payload: writeMetadataRequest(random.below(4)) }),
      () => ({ type: 'extended', id: random.below(6), payload: noise(60, random) }),
      () => ({
        type: 'extended',
        id: 0,
        payload: writeExtensionHandshake({
          metadataBytes: 1 + random.below(99_999),
          maxQueuedRequests: 1 + random.below(2000),
          client: '',
        }),
      }),
    ],
    random,
  )();
}

function hello(index: number): Uint8Array {
  return encode({ type: 'handshake', infoHash, peerId: idOf(index), fast: index % 5 !== 0, extended: index % 7 !== 0 });
}

/** A torrent that has its metadata and half of its pieces, and wants the others. */
function newTorrent(pieceCount: number, random: Random): Torrent {
  const torrent = new Torrent({ infoHash, peerId: idOf(0) }, random);
  const geometry = new Geometry(4 * blockBytes, [{ length: 4 * blockBytes * pieceCount - 5, padding: false }]);
  const have = new Uint8Array((pieceCount + 7) >> 3).fill(0xff, 0, pieceCount >> 4);
  torrent.step(0, { kind: 'resume' }, []);
  torrent.step(0, { kind: 'metadata', geometry, infoBytes: new Uint8Array(40_000), have }, []);
  torrent.step(0, { kind: 'want', priorities: new Uint8Array(pieceCount).fill(1) }, []);
  return torrent;
}

/** Streams of random and broken messages on several links, answered by a host that hashes at random. */
function takeTorrent(random: Random): void {
  const pieceCount = 1 + random.below(60);
  const torrent = newTorrent(pieceCount, random);
  let now = 0;
  const pending: Event[] = [];
  const step = (event: Event): void => {
    const effects: Effect[] = [];
    torrent.step(now, event, effects);
    for (const effect of effects) pending.push(...answersTo(effect, random));
  };
  for (let links = 1 + random.below(4); links > 0; links--) {
    step({
      kind: 'linkOpened',
      link: links as LinkId,
      initiator: links % 2 === 0,
      introduction: { peerId: idOf(links), tracker: 'wss://tracker.test' },
    });
    step({ kind: 'bytes', link: links as LinkId, bytes: hello(links) });
  }
  for (let turns = random.below(pick([10, 10, 10, 60], random)); turns > 0; turns--) {
    now += random.below(3000);
    const messages = Array.from({ length: 1 + random.below(6) }, () => encode(messageOf(pieceCount, random)));
    const bytes = random.below(6) === 0 ? mutated(messages, random) : concatBytes(messages);
    step({ kind: 'bytes', link: (1 + random.below(4)) as LinkId, bytes });
    for (let event = pending.shift(); event !== undefined; event = pending.shift()) step(event);
    if (torrent.wakeAt() <= now) step({ kind: 'tick' });
    if (random.below(20) === 0) step({ kind: 'linkClosed', link: (1 + random.below(4)) as LinkId });
  }
  const { verifiedBytes, wantedVerifiedBytes } = torrent.status();
  expectThat(verifiedBytes >= wantedVerifiedBytes, 'more is verified of what is wanted than of all');
}

function answersTo(effect: Effect, random: Random): Event[] {
  switch (effect.kind) {
    case 'sendBlock': {
      const done: Event = { kind: 'drained', link: effect.link, bytes: effect.length };
      return effect.readBytes > 0 ? [{ kind: 'readDone', link: effect.link, bytes: effect.readBytes }, done] : [done];
    }
    case 'sendMetadata':
      return [{ kind: 'drained', link: effect.link, bytes: effect.bytes }];
    case 'verify': {
      const blockHashes = Float64Array.from({ length: 4 }, () => random.below(3));
      return [{ kind: 'verified', piece: effect.piece, ok: random.below(2) === 0, blockHashes }];
    }
    default:
      return [];
  }
}

const largePieceCount = 262_144;

/** Kinds of messages of which one alone is no fault. */
const floodKinds: readonly ((piece: number) => WireMessage)[] = [
  (piece) => ({ type: 'have', piece }),
  (piece) => ({ type: 'extended', id: 2, payload: writeDontHave(piece) }),
  (piece) => ({ type: 'request', piece, begin: 0, length: 1 }),
  (piece) => ({ type: 'request', piece, begin: 0, length: blockBytes }),
  (piece) => ({ type: 'cancel', piece, begin: 0, length: blockBytes }),
  (piece) => ({ type: 'suggest', piece }),
  (piece) => ({ type: 'allowedFast', piece }),
  () => ({ type: 'interested' }),
  () => ({ type: 'notInterested' }),
  () => ({ type: 'choke' }),
  () => ({ type: 'unchoke' }),
  () => ({ type: 'extended', id: 1, payload: writeMetadataRequest(1) }),
  () => ({ type: 'extended', id: 0, payload: writeExtensionHandshake({ metadataBytes: 40_000, maxQueuedRequests: 9, client: 'x' }) }),
];

/** One of 50 chunks is as long as the largest, 256 KiB: making it takes longer than hearing it. The others show the cost of each message. */
function chunkBytes(random: Random): number {
  return random.below(50) === 0 ? 262_144 : 1 + random.below(4096);
}

/** A chunk of one to three kinds of messages, which name one piece again and again or many. */
function floodChunk(random: Random): Uint8Array {
  const length = chunkBytes(random);
  const kinds = Array.from({ length: 1 + random.below(3) }, () => pick(floodKinds, random));
  const spread = pick([1, 2, 100, largePieceCount], random);
  const parts: Uint8Array[] = [];
  for (let bytes = 0, at = 0; bytes < length; at++) {
    const part = encode(itemAt(kinds, at % kinds.length)(random.below(spread)));
    parts.push(part);
    bytes += part.length;
  }
  return concatBytes(parts).subarray(0, length);
}

let large: Torrent | null = null;
let largeNow = 0;

/** No chunk of 256 KiB, whatever it holds, may cost more than 50 ms or answer with more than 8 MiB. */
function takeFlood(random: Random): number {
  large ??= newTorrent(largePieceCount, seededRandom(1));
  largeNow += 1000;
  const torrent = large;
  const effects: Effect[] = [];
  torrent.step(
    largeNow,
    { kind: 'linkOpened', link, initiator: true, introduction: { peerId: idOf(1), tracker: 'wss://tracker.test' } },
    effects,
  );
  torrent.step(largeNow, { kind: 'bytes', link, bytes: hello(1) }, effects);
  const bytes = floodChunk(random);
  effects.length = 0;
  const start = performance.now();
  torrent.step(largeNow, { kind: 'bytes', link, bytes }, effects);
  const took = performance.now() - start;
  torrent.step(largeNow, { kind: 'linkClosed', link }, []);
  expectThat(effects.length < 100_000, `${effects.length} effects for 256 KiB`);
  return took;
}

/** 90 % small, 9 % medium, 1 % large: a third, a half and a fifth of the time. */
function scenarioSize(random: Random): ScenarioSizeName {
  const share = random.below(100);
  if (share < 90) return 'small';
  return share < 99 ? 'medium' : 'large';
}

/** Two pieces for each liar, and one for every 32 pieces: a peer that gave so many good ones may have one more in verification. */
const piecesPerSpoilable = 64;

function takeScenario(random: Random): void {
  const seed = random.below(2 ** 31);
  judge(randomScenario(seed, scenarioSize(random)), seed);
}

/** Everybody finishes, nobody honest is banned, and few pieces are spoiled. */
function judge(scenario: Scenario, seed: number): void {
  const { everyoneDone, peers } = run(scenario, seed);
  expectThat(everyoneDone, `${scenario.name}: not everyone finished`);
  const spoilable = mostSpoiledBy(peers.map(({ strategy }) => strategy)) * (1 + scenario.pieceCount / piecesPerSpoilable);
  for (const { isHonest, banned, failedPieces, name } of peers.filter((peer) => peer.isHonest)) {
    const wronged = banned.filter((other) => peers.some((peer) => peer.name === other && peer.isHonest));
    expectThat(isHonest && wronged.length === 0, `${scenario.name}: ${name} bans ${wronged.join()}`);
    expectThat(failedPieces <= spoilable, `${scenario.name}: ${name} loses ${failedPieces} pieces of ${spoilable}`);
  }
}

type Strategy = Pick<SwarmConfig, 'pieceOrder' | 'peerRank' | 'asking' | 'dissemination'>;

/** Every piece order with every rank of peers, way of asking and way of spreading. */
const strategyMatrix: readonly Strategy[] = (['rarest', 'random', 'sequential', 'windowed'] as const).flatMap((pieceOrder) =>
  (['rate', 'rarity', 'latency', 'hybrid'] as const).flatMap((peerRank) =>
    (['greedy', 'scored'] as const).flatMap((asking) =>
      (['bittorrent', 'push', 'pull', 'push-pull'] as const).map((dissemination) => ({ pieceOrder, peerRank, asking, dissemination })),
    ),
  ),
);

/** One random scenario with every strategy. Ranks count in rounds only. */
function takeStrategies(random: Random): void {
  const seed = random.below(2 ** 31);
  const scenario = randomScenario(seed, 'small');
  for (const strategy of strategyMatrix) {
    const rounds = strategy.peerRank === 'rate' ? {} : { slotPolicy: 'tit-for-tat' as const };
    const swarm = { ...scenario.swarm, ...strategy, ...rounds };
    judge({ ...scenario, name: `${scenario.name} with --config '${JSON.stringify({ ...strategy, ...rounds })}'`, swarm }, seed);
  }
}

export const swarmTargets: readonly Target[] = [
  { name: 'whole torrent', take: takeTorrent },
  { name: 'floods at 262,144 pieces', take: takeFlood },
  { name: 'random scenarios', take: takeScenario, mostMs: 600_000 },
  { name: 'every strategy', take: takeStrategies, mostMs: 600_000, inputs: strategyMatrix.length, unit: 'swarms' },
];
