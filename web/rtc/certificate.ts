/** As long as browsers allow. A page that lives longer goes on with a certificate for each connection. */
const lifetimeMs = 365 * 24 * 3_600_000;

/**
 * One certificate for all connections of this page: it shows a peer to which two trackers introduced us that both mean the same page. None
 * where the browser makes none; each connection then has its own.
 */
export async function ownCertificate(): Promise<RTCCertificate | null> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', expires: lifetimeMs };
  try {
    return await RTCPeerConnection.generateCertificate(algorithm);
  } catch {
    // Then two trackers may bring two links to one peer, which costs a connection and nothing else.
    return null;
  }
}

/** What a new connection is to use: nothing once the certificate is no longer valid, which the browser would refuse. */
export function certificatesOf(own: RTCCertificate | null, now: number): RTCCertificate[] {
  return own !== null && own.expires > now ? [own] : [];
}
