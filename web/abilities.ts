import type { FailureCode } from '../shared/failure.ts';

/** What the app cannot do without, asked before the engine is started: the first thing missing, or `null`. */
export function missingAbility(host: typeof globalThis): FailureCode | null {
  if (!host.isSecureContext) return 'notSecure';
  if (typeof host.Worker !== 'function') return 'noWorker';
  if (typeof host.RTCPeerConnection !== 'function') return 'noWebRtc';
  if (host.indexedDB === undefined || host.indexedDB === null) return 'noIndexedDb';
  return null;
}
