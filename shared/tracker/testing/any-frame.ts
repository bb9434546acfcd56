import fc from 'fast-check';

const id = 'a'.repeat(20);

const names = [
  'action',
  'info_hash',
  'peer_id',
  'to_peer_id',
  'offer',
  'answer',
  'offers',
  'offer_id',
  'files',
  'numwant',
  'failure reason',
];
const value = fc.oneof(fc.constantFrom('announce', 'scrape', id), fc.jsonValue(), fc.array(fc.jsonValue()));
const message = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value).map((object) => JSON.stringify(object));

/** What a stranger may send: messages with the protocol's names and any values, other text, and plain bytes. */
export const anyFrame = fc.oneof(message, fc.string(), fc.uint8Array());
