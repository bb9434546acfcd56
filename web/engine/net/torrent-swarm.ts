import { present } from '../../../shared/assert.ts';
import type { CloseCode } from '../../../shared/failure.ts';
import type { Introduction, LinkId, Milliseconds } from '../../../shared/ids.ts';
import type { ConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import type { LinkPath } from '../../bridge/protocol.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { JoinOptions, Swarm, TrackerStatus } from '../interfaces.ts';
import { glareMs, leadToSamePeer, resolveGlare } from './glare.ts';
import { PeerTable } from './peer-table.ts';
import { Signalling } from './signalling.ts';
import type { SwarmContext } from './swarm-context.ts';

/** The connections of one torrent: keeps one link to each peer that signalling finds. */
export class TorrentSwarm implements Swarm, ConnectionOwner {
  readonly #options: JoinOptions;
  readonly #context: SwarmContext;
  readonly #peers: PeerTable;
  readonly #signalling: Signalling;
  #stopped = false;

  constructor(options: JoinOptions, context: SwarmContext) {
    this.#options = options;
    this.#context = context;
    this.#peers = new PeerTable(context.pool, this, context.now);
    this.#signalling = new Signalling(options, context, this.#peers);
  }

  get connecting(): number {
    return this.#peers.connecting;
  }

  get seeds(): number | null {
    return this.#signalling.seeds;
  }

  get leeches(): number | null {
    return this.#signalling.leeches;
  }

  get trackers(): readonly TrackerStatus[] {
    return this.#signalling.trackers;
  }

  pathOf(link: LinkId): LinkPath | null {
    return this.#peers.get(link)?.path ?? null;
  }

  addTrackers(urls: readonly string[]): void {
    this.#signalling.addTrackers(urls);
  }

  setComplete(complete: boolean): void {
    this.#signalling.setComplete(complete);
  }

  close(link: LinkId, code: CloseCode): void {
    const connection = this.#peers.get(link);
    if (connection === null) return;
    this.#blame(connection, code);
    this.#peers.drop(connection);
    this.#context.touched();
  }

  setConnections(link: LinkId, count: number): void {
    if (this.#peers.link(link)?.setConnections(count)) this.#context.touched();
  }

  connectionSignal(link: LinkId, signal: ConnectionSignal): void {
    this.#peers.link(link)?.signalled(signal);
    this.#context.touched();
  }

  ban(who: Introduction): void {
    this.#context.banned.add(who);
    for (const connection of this.#peers.with(who.peerId)) if (connection.tracker === who.tracker) this.#replace(connection);
    this.#context.touched();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const connection of this.#peers.all) this.#peers.drop(connection);
    this.#signalling.stop();
    this.#context.left(this);
  }

  online(): void {
    this.#signalling.online();
  }

  advance(now: Milliseconds): void {
    this.#signalling.advance(now);
    this.#options.listener.changed();
  }

  wakeAt(): Milliseconds {
    return this.#signalling.wakeAt();
  }

  described(connection: Connection): void {
    if (!connection.initiator) this.#signalling.sendAnswer(connection);
    this.#context.touched();
  }

  opened(connection: Connection): void {
    const { peerId: ours, now, pool } = this.#context;
    const verdict = resolveGlare(connection, this.#peers.with(connection.peerId), ours, now());
    for (const loser of verdict.close) if (loser !== connection) this.#replace(loser);
    for (const rival of verdict.hasten) pool.hasten(rival, glareMs);
    if (verdict.close.includes(connection)) return this.#peers.drop(connection);
    const { listener } = this.#options;
    const who = { peerId: present(connection.peerId, 'an open connection was introduced'), tracker: connection.tracker };
    this.#peers.history.met(who);
    const link = this.#peers.openLink(connection, listener.feed);
    listener.opened(link, { initiator: connection.initiator, who, certificate: connection.certificate });
    this.#context.touched();
  }

  measured(connection: Connection, ms: Milliseconds): void {
    this.#options.listener.feed({ kind: 'roundTrip', link: connection.id, ms });
  }

  fellSilent(): void {
    this.#signalling.linkLost();
    this.#context.touched();
  }

  /** The tracker is asked for another introduction to the same peer, which looks its addresses up again. */
  addressesMissing(connection: Connection): void {
    const { peerId, tracker } = connection;
    const others = this.#peers.with(peerId).filter((other) => other !== connection);
    if (peerId === null || others.some((other) => leadToSamePeer(other, connection))) return;
    if (this.#peers.history.retried({ peerId, tracker })) this.#signalling.retrySoon();
  }

  ended(connection: Connection, wasOpen: boolean): void {
    this.#peers.forget(connection);
    const { id, peerId, tracker, since, state } = connection;
    const now = this.#context.now();
    const others = this.#peers.with(peerId);
    if (wasOpen) {
      this.#options.listener.closed(id);
      this.#signalling.linkLost();
    }
    if (peerId === null || others.some((other) => leadToSamePeer(other, connection))) return this.#context.touched();
    const { history } = this.#peers;
    if (wasOpen) history.lost(now, { peerId, tracker }, now - since, others.some(isOpen));
    // An answer that our own page could not make says nothing about the peer.
    else history.unreachable(now, { peerId, tracker }, state === 'connecting');
    this.#context.touched();
  }

  isInView(): boolean {
    return this.#options.isInView();
  }

  isIdle(connection: Connection): boolean {
    return this.#peers.isIdle(connection);
  }

  /** As a peer of no use: it is not let in again for a minute, or two strangers could take turns. */
  evicted(connection: Connection): void {
    this.#peers.forget(connection);
    this.#blame(connection, 'tooManyLinks');
    this.#options.listener.closed(connection.id);
    this.#context.touched();
  }

  taken(connection: Connection): void {
    this.#peers.forget(connection);
  }

  #blame({ peerId, tracker }: Connection, code: CloseCode): void {
    if (peerId !== null) this.#peers.history.closed(this.#context.now(), { peerId, tracker }, code);
  }

  /** Closes a connection; the driver hears of it where it was open. */
  #replace(connection: Connection): void {
    const wasOpen = connection.state === 'open';
    this.#peers.drop(connection);
    if (wasOpen) this.#options.listener.closed(connection.id);
  }
}

function isOpen({ state }: Connection): boolean {
  return state === 'open';
}
