import type { NetworkFacts, RelayFacts } from './facts.ts';

/** Servers that have not answered by then are taken for unreachable. */
const gatheringMs = 5000;

/** Gathers candidates as a connection would, and reads the kind of router from them. */
export async function checkNetwork(iceServers: readonly RTCIceServer[]): Promise<NetworkFacts> {
  const stun = serversOf(iceServers, /^stuns?:/i);
  const candidates = await gather(stun, 'all');
  const udp = candidates.filter(({ protocol }) => protocol === 'udp');
  const hosts = udp.filter(({ type }) => type === 'host');
  const reflexive = udp.filter(({ type }) => type === 'srflx');
  const symmetric = stun.length < 2 ? null : isSymmetric(reflexive, hosts.length);
  return { stunServers: stun.length, hosts: hosts.length, reflexive: reflexive.length, symmetric };
}

export async function checkRelay(iceServers: readonly RTCIceServer[], only: boolean): Promise<RelayFacts> {
  const turn = serversOf(iceServers, /^turns?:/i);
  const candidates = turn.length === 0 ? [] : await gather(turn, 'relay');
  return { offered: turn.length, answers: candidates.some(({ type }) => type === 'relay'), only };
}

/**
 * A router that keeps its mapping shows each of our sockets under one port; with more ports than sockets it does not. Candidates of one socket
 * share a foundation in Chromium. There are never more sockets than hosts, and some of those may be in another network, as those of IPv6 are.
 */
function isSymmetric(reflexive: readonly RTCIceCandidate[], hosts: number): boolean {
  return reflexive.some((shown) => {
    const behind = reflexive.filter(({ address }) => address === shown.address);
    const sockets = Math.min(hosts, new Set(behind.map(({ foundation }) => foundation)).size);
    return new Set(behind.map(({ port }) => port)).size > Math.max(1, sockets);
  });
}

/** Each URL as a server of its own, so that they are counted and asked one by one. */
function serversOf(iceServers: readonly RTCIceServer[], scheme: RegExp): RTCIceServer[] {
  return iceServers.flatMap(({ urls, username, credential }) =>
    [urls]
      .flat()
      .filter((url) => scheme.test(url))
      .map((url) => (username === undefined ? { urls: url } : { urls: url, username, credential: credential ?? '' })),
  );
}

/** Empty where the browser has no WebRTC, refuses one of the servers, or is told to hide every address. */
async function gather(iceServers: RTCIceServer[], iceTransportPolicy: RTCIceTransportPolicy): Promise<RTCIceCandidate[]> {
  if (typeof RTCPeerConnection !== 'function') return [];
  const candidates: RTCIceCandidate[] = [];
  let connection: RTCPeerConnection | undefined;
  try {
    connection = new RTCPeerConnection({ iceServers, iceTransportPolicy });
    await gathered(connection, candidates);
  } catch {
    // The browser refuses a server's address or to make an offer: it gives no addresses either.
  } finally {
    connection?.close();
  }
  return candidates.filter(({ candidate }) => candidate !== '');
}

function gathered(connection: RTCPeerConnection, candidates: RTCIceCandidate[]): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, gatheringMs);
    connection.onicecandidate = ({ candidate }) => (candidate === null ? resolve() : void candidates.push(candidate));
    connection.createDataChannel('check');
    connection
      .createOffer()
      .then((offer) => connection.setLocalDescription(offer))
      .catch(reject);
  });
}
