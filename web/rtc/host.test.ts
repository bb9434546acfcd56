import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LinkId } from '../../shared/ids.ts';
import type { RtcReport } from '../bridge/protocol.ts';
import { RtcHost } from './host.ts';

/** The page side on real WebRTC in Node (@roamhq/wrtc). The Worker's side is in `engine/net/connector.test.ts`. */
const wrtc = createRequire(import.meta.url)('@roamhq/wrtc') as Record<string, unknown>;
const link = 1 as LinkId;

class Reports {
  readonly all: RtcReport[] = [];
  /** Stands for `postMessage` of a browser that cannot transfer channels. */
  refuseChannels = false;
  attempts = 0;
  #wake: () => void = () => undefined;

  readonly post = (report: RtcReport): void => {
    if (report.kind === 'channel') this.attempts++;
    if (report.kind === 'channel' && this.refuseChannels) throw new DOMException('not transferable', 'DataCloneError');
    this.all.push(report);
    this.#wake();
  };

  async next<Kind extends RtcReport['kind']>(kind: Kind): Promise<Extract<RtcReport, { kind: Kind }>> {
    for (;;) {
      const found = this.all.find((report) => report.kind === kind);
      if (found !== undefined) return found as Extract<RtcReport, { kind: Kind }>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

let hosts: RtcHost[] = [];

function host(reports: Reports, relay = false): RtcHost {
  const made = new RtcHost({ post: reports.post, iceServers: () => [], relay });
  hosts.push(made);
  return made;
}

beforeEach(() => {
  const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc;
  Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate });
});

afterEach(() => {
  for (const made of hosts) made.close();
  hosts = [];
});

test('the channel is handed over in the task of its creation, before anything else', () => {
  const reports = new Reports();
  host(reports).obey({ kind: 'offer', link });
  expect(reports.all.map(({ kind }) => kind)).toEqual(['channel']);
});

test('two pages connect: full descriptions, and on both sides one ordered, reliable channel', async () => {
  const [offering, answering] = [new Reports(), new Reports()];
  const [from, to] = [host(offering), host(answering)];
  from.obey({ kind: 'offer', link });
  const offer = await offering.next('description');
  expect(offer).toMatchObject({ type: 'offer', sdp: expect.stringContaining('a=candidate:') as string });
  to.obey({ kind: 'answer', link, sdp: offer.sdp });
  const answer = await answering.next('description');
  expect(answer).toMatchObject({ type: 'answer', sdp: expect.stringContaining('a=candidate:') as string });
  from.obey({ kind: 'accept', link, sdp: answer.sdp });
  // Each side says when it tries the other's addresses.
  for (const reports of [offering, answering]) expect(await reports.next('checking')).toMatchObject({ link });
  // Before that no pair of addresses may be in use yet, which would have no round trip.
  const { channel } = await answering.next('channel');
  from.obey({ kind: 'opened', link, isMeasured: true });
  expect(await offering.next('roundTrip')).toMatchObject({ link, ms: expect.toSatisfy((ms: number) => ms >= 0 && ms < 5000) as number });
  expect(await offering.next('path')).toMatchObject({ link, path: 'direct' });
  // @roamhq/wrtc says 65535 where browsers say null.
  expect([channel.ordered, channel.negotiated, channel.maxRetransmits]).toEqual([true, false, 65_535]);
  from.obey({ kind: 'close', link });
  expect(await answering.next('closed')).toMatchObject({ link });
});

test('a peer that opens a second channel is closed, before and after the first one is open', async () => {
  const { RTCPeerConnection } = globalThis;
  for (const isLate of [false, true]) {
    const reports = new Reports();
    const peer = new RTCPeerConnection();
    const first = peer.createDataChannel('first');
    if (!isLate) peer.createDataChannel('second');
    await peer.setLocalDescription(await peer.createOffer());
    await vi.waitUntil(() => peer.iceGatheringState === 'complete', { timeout: 20_000 });
    host(reports, true).obey({ kind: 'answer', link, sdp: peer.localDescription!.sdp });
    const { sdp } = await reports.next('description');
    await peer.setRemoteDescription({ type: 'answer', sdp });
    if (isLate) {
      await vi.waitUntil(() => first.readyState === 'open', { timeout: 20_000 });
      peer.createDataChannel('second');
    }
    expect(await reports.next('closed')).toMatchObject({
      link,
      code: 'rtcError',
      detail: expect.stringContaining('second channel') as string,
    });
    expect(reports.all.filter(({ kind }) => kind === 'port')).toHaveLength(1);
    peer.close();
  }
});

test('where a channel cannot be transferred a port relays it, and no further transfer is tried', () => {
  const reports = new Reports();
  reports.refuseChannels = true;
  const refused = host(reports);
  refused.obey({ kind: 'offer', link });
  refused.obey({ kind: 'offer', link: 2 as LinkId });
  expect(reports.all.map(({ kind }) => kind)).toEqual(['port', 'port']);
  expect(reports.attempts).toBe(1);
});

test('with the relay option it does not try to transfer', () => {
  const reports = new Reports();
  host(reports, true).obey({ kind: 'offer', link });
  expect(reports.attempts).toBe(0);
  expect(reports.all.map(({ kind }) => kind)).toEqual(['port']);
});

test('a browser that refuses one more connection is reported, not thrown', async () => {
  const refusing = function RTCPeerConnection(): never {
    throw new Error('Cannot create so many PeerConnections');
  };
  Object.assign(globalThis, { RTCPeerConnection: refusing });
  const reports = new Reports();
  host(reports).obey({ kind: 'offer', link });
  expect(await reports.next('closed')).toMatchObject({ link, code: 'rtcError' });
});

test('an invalid description ends the connection', async () => {
  const reports = new Reports();
  host(reports).obey({ kind: 'answer', link, sdp: 'hello' });
  expect(await reports.next('closed')).toMatchObject({ link, code: 'rtcError' });
});

test('leaving the page ends every connection at once', () => {
  const reports = new Reports();
  const left = host(reports);
  left.obey({ kind: 'offer', link });
  left.obey({ kind: 'offer', link: 2 as LinkId });
  left.close();
  expect(reports.all.filter(({ kind }) => kind === 'closed').map((report) => 'link' in report && report.link)).toEqual([1, 2]);
  left.obey({ kind: 'accept', link, sdp: 'v=0' });
  left.obey({ kind: 'close', link });
});
