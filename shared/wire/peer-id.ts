/**
 * Peer ids in Azureus style (BEP 20): `-`, two letters of the client, four of its version, `-`, 12 random characters.
 * https://www.bittorrent.org/beps/bep_0020.html
 */
import { fromHex, toBinaryString, toHex, utf8 } from '../bytes.ts';
import type { PeerId } from '../ids.ts';
import type { Random } from '../random.ts';

const ourPrefix = '-TS0100-';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomCharacters = 12;

interface Client {
  readonly name: string;
  /** Version as one character a part (`20B0` is 2.0.11), as most do, or as two digits a part (`0300` is 3.0), as WebTorrent does. */
  readonly digitsPerPart: 1 | 2;
}

/** Clients that speak WebRTC, and the commonest others: a hybrid client passes its id through. */
const clients: ReadonlyMap<string, Client> = new Map<string, Client>([
  ['TS', { name: 'Tabswarm', digitsPerPart: 1 }],
  ['WW', { name: 'WebTorrent', digitsPerPart: 2 }],
  ['WD', { name: 'WebTorrent Desktop', digitsPerPart: 2 }],
  ['LT', { name: 'libtorrent', digitsPerPart: 1 }],
  ['BI', { name: 'BiglyBT', digitsPerPart: 1 }],
  ['AZ', { name: 'Vuze', digitsPerPart: 1 }],
  ['DE', { name: 'Deluge', digitsPerPart: 1 }],
  ['qB', { name: 'qBittorrent', digitsPerPart: 1 }],
  ['TR', { name: 'Transmission', digitsPerPart: 1 }],
]);

const azureusStyle = /^-([A-Za-z]{2})([0-9A-Za-z]{4})-/;

export function makePeerId(random: Random): PeerId {
  let text = ourPrefix;
  for (let i = 0; i < randomCharacters; i++) text += alphabet.charAt(random.below(alphabet.length));
  return toHex(utf8(text)) as PeerId;
}

const ownClient = toHex(utf8('-TS'));

/** Whether it says that it runs Tabswarm, of any version: which messages it takes is known before it has said so. */
export function isOwnClient(peerId: PeerId): boolean {
  return peerId.startsWith(ownClient);
}

/** A readable name such as `WebTorrent 3.0`; empty for a client that is not known. Nothing but our own words and digits comes out. */
export function clientName(peerId: PeerId): string {
  const [, letters, version] = azureusStyle.exec(toBinaryString(fromHex(peerId))) ?? [];
  const client = clients.get(letters ?? '');
  if (client === undefined || version === undefined) return '';
  return `${client.name} ${versionText(version, client.digitsPerPart)}`;
}

/** At least two parts, at most three, without a third that is zero. A character is a digit in base 36. */
function versionText(version: string, digitsPerPart: 1 | 2): string {
  const parts: number[] = [];
  for (let at = 0; at < version.length; at += digitsPerPart) parts.push(partNumber(version.slice(at, at + digitsPerPart)));
  return parts.slice(0, parts[2] === undefined || parts[2] === 0 ? 2 : 3).join('.');
}

function partNumber(digits: string): number {
  return digits.length === 1 ? Number.parseInt(digits, 36) : Number.parseInt(digits, 10) || 0;
}
