import { m } from '../../paraglide/messages.js';
import { displayText } from '../text/display-text.ts';

/**
 * Peers have no names, only 20 random bytes. Two words are easier to distinguish and to say. The same peer id gives the same name in
 * every browser, so two people on the phone can talk about a third.
 */
const adjectives = [
  'Amber',
  'Brave',
  'Bright',
  'Calm',
  'Clever',
  'Cosy',
  'Curious',
  'Dapper',
  'Eager',
  'Fair',
  'Gentle',
  'Glad',
  'Golden',
  'Happy',
  'Honest',
  'Jolly',
  'Keen',
  'Kind',
  'Lively',
  'Lucky',
  'Mellow',
  'Merry',
  'Mild',
  'Neat',
  'Nimble',
  'Patient',
  'Plucky',
  'Proud',
  'Quick',
  'Quiet',
  'Silver',
  'Witty',
] as const;

const animals = [
  'Badger',
  'Bee',
  'Beaver',
  'Cat',
  'Cricket',
  'Crane',
  'Deer',
  'Dolphin',
  'Dove',
  'Duck',
  'Eagle',
  'Falcon',
  'Finch',
  'Fox',
  'Frog',
  'Goose',
  'Hare',
  'Hedgehog',
  'Heron',
  'Horse',
  'Lynx',
  'Magpie',
  'Marten',
  'Mole',
  'Otter',
  'Owl',
  'Panda',
  'Robin',
  'Seal',
  'Swan',
  'Turtle',
  'Wren',
] as const;

/** The last eight hex digits are random in every client. The first ones identify the client (BEP 20). */
const randomDigits = 8;

/** `peerId` is 40 hex characters. */
export function peerName(peerId: string): string {
  return nameOf(Number.parseInt(peerId.slice(-randomDigits), 16) >>> 0);
}

function nameOf(random: number): string {
  const adjective = adjectives[random % adjectives.length];
  const animal = animals[Math.floor(random / adjectives.length) % animals.length];
  return `${adjective} ${animal}`;
}

/** A name for a browser that has none yet. */
export function newName(): string {
  return nameOf(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
}

/** What the person calls themselves, as text that can be shown; without one the name made from the peer id. */
export function shownName({ name, peerId }: { readonly name: string; readonly peerId: string | null }): string {
  const own = displayText(name).trim();
  if (own !== '') return own;
  return peerId === null ? m.peer_unnamed() : peerName(peerId);
}
