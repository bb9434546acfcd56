import type { FailureCode } from '../shared/failure.ts';

/** The first ability that the app needs and this browser lacks, or `null`. Asked before the engine starts. */
export function missingAbility(host: typeof globalThis): FailureCode | null {
  if (!host.isSecureContext) return 'notSecure';
  if (typeof host.Worker !== 'function') return 'noWorker';
  if (typeof host.RTCPeerConnection !== 'function') return 'noWebRtc';
  if (host.indexedDB === undefined || host.indexedDB === null) return 'noIndexedDb';
  return null;
}
