import { createRequire } from 'node:module';

/**
 * WebRTC for clients in Node, in the place of `webrtc-polyfill` (see `vite.config.ts`). That one adds remote candidates before its native side
 * has an ICE transport when the machine is busy, and then throws outside of any test; libwebrtc queues them.
 */
const wrtc = createRequire(import.meta.url)('@roamhq/wrtc') as Record<string, unknown>;

export const RTCPeerConnection = wrtc['RTCPeerConnection'];
export const RTCSessionDescription = wrtc['RTCSessionDescription'];
export const RTCIceCandidate = wrtc['RTCIceCandidate'];
