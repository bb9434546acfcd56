/** The byte after the length prefix: BEP 3, BEP 5 (`port`), BEP 6 (13–17), BEP 10 (20). */
export const messageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const;

/** The length prefix counts what follows it. */
export const lengthPrefixBytes = 4;

/** Length prefix, id, piece index, begin: what comes before the block of a `piece` message. */
export const pieceHeaderBytes = 13;
