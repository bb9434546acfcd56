/** Limits on everything that strangers send, each with its reason. */

/** BEP 3 block: every client asks for and serves 16 KiB; libtorrent refuses more. */
export const blockBytes = 16 * 1024;

/** WebTorrent serves requests up to 128 KiB, so some client may ask for as much (bittorrent-protocol 5). */
export const maxRequestBytes = 128 * 1024;

/** 2^21 pieces make a 256 KiB bitfield; at 8 MiB a piece that is 16 TiB. */
export const maxPieces = 2 ** 21;

/** More files than any real share; libtorrent's tests stop at the same order. */
export const maxFiles = 100_000;

/** 64 MiB is the largest piece libtorrent makes; a piece is held in memory while it is assembled. */
export const maxPieceBytes = 64 * 1024 * 1024;

/** A `.torrent` of 2^21 pieces is 42 MB of hashes. */
export const maxTorrentFileBytes = 64 * 1024 * 1024;

/** What WebTorrent accepts from peers (ut_metadata 4). */
export const maxMetadataBytes = 10_000_000;

/** BEP 9. */
export const metadataPieceBytes = 16 * 1024;

/** An extended handshake lists a few names and numbers; 16 KiB is a hundred times a real one. */
export const maxExtensionHandshakeBytes = 16 * 1024;

/** A ut_metadata message is one metadata piece and a short header. */
export const maxExtendedBytes = metadataPieceBytes + 4096;

/** Messages of other extensions are skipped; BEP 52's largest, 512 hashes, are a quarter of this. */
export const maxUnknownMessageBytes = 64 * 1024;

export const maxExtensionNames = 32;

/** WebTorrent grows its pipeline to about 640 blocks at 10 MB/s and obeys our `reqq`. */
export const maxQueuedRequests = 1000;

/** BEP 12 lists are short; every further one is a socket. */
export const maxTrackers = 20;

/** A list of mirrors is short; each may cost time-outs. */
export const maxWebSeeds = 20;

/** The name that a person gave themselves, as peers are told it: room for two long words, and nobody fills a list with one. */
export const maxNameCharacters = 40;

/** The longest text of a stranger that is shown. */
export const maxShownCharacters = 255;

/** What one bencoded text may cost to read: how deep it nests, and how many strings, numbers, lists and dictionaries it holds. */
export interface BencodeLimits {
  readonly maxDepth: number;
  readonly maxTokens: number;
}

/** A hybrid torrent of 100,000 files takes about 2.5 million tokens and nests to 37. */
export const fileBencode: BencodeLimits = { maxDepth: 100, maxTokens: 3_000_000 };

/** Extension messages nest to two and hold some twenty tokens; the rest is room for extensions of others. */
export const peerBencode: BencodeLimits = { maxDepth: 32, maxTokens: 10_000 };

/** The longest keys are file names of a v2 file tree: 255 bytes on any file system, 4 KiB where whole paths were abused as names. */
export const maxBencodeKeyBytes = 4096;

/** Names in all paths of a torrent together: 100,000 files ten folders deep. Making three million safe and unique took 10 s and 1.2 GB. */
export const maxPathParts = 1_000_000;

/** Longest file or folder name, in UTF-8 bytes, that ext4, APFS and NTFS all take. */
export const maxNameBytes = 255;

/** Folders within folders: deeper paths break the 260-character paths of Windows and recursive tools. */
export const maxPathLevels = 32;

/** Twenty trackers and as many web seeds of the longest usual URL make 80 KiB. */
export const maxMagnetCharacters = 128 * 1024;

/** The usual limit of browsers and servers on a URL. */
export const maxUrlCharacters = 2048;

/** A browser's session description with all its candidates has 1 to 5 KB. */
export const maxSdpCharacters = 16 * 1024;

/** Connections of one link: on a path of 100 ms that loses 0.1 %, sixteen carry nine times as much as one, and 32 no more than sixteen. */
export const maxParallelConnections = 16;

/** … to a peer that does not say how many it takes, as its version did not know of more. */
export const maxUnsaidConnections = 4;

/** Further connections of all links of a page: four links may have sixteen. Browsers fail at about 500 connections. */
export const maxFurtherConnections = 64;

/** Offer ids have 20 characters, some clients' 17; trackers and peers only echo them. */
export const maxOfferIdCharacters = 40;

/** Offers used of one announce: WebTorrent sends 5, libtorrent up to 10. */
export const maxOffers = 10;

/** bittorrent-tracker's default for `numwant`; no client takes more inbound offers between two announces. */
export const maxNumwant = 50;

/** Info hashes in one scrape, as many as one socket may announce. */
export const maxScrapedHashes = 100;

/** Peers one announce may report as unreachable: as many as it can have failed to reach with the offers of one. */
export const maxReportedPeers = 10;
