/** Codecs by the names that people find them under, from the ids that each container has for them. What is not listed stays without a name. */
export type Codec = keyof typeof codecs;

interface KnownCodec {
  readonly kind: 'video' | 'audio';
  /** A type for `canPlayType`, which knows it by this name; without one no browser plays it. */
  readonly type?: string;
  /** ISO-BMFF sample entries (also QuickTime's), whole. */
  readonly mp4?: string;
  /** Matroska codec ids, their beginnings. */
  readonly matroska?: string;
  /** FourCCs of video, or hexadecimal format tags of sound, in AVI, WAV and old Matroska files. */
  readonly riff?: string;
}

const codecs = {
  'H.264': {
    kind: 'video',
    type: 'video/mp4; codecs="avc1.42E01E"',
    mp4: 'avc1 avc3',
    matroska: 'V_MPEG4/ISO/AVC',
    riff: 'H264 X264 AVC1 DAVC',
  },
  'HEVC (H.265)': {
    kind: 'video',
    type: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
    mp4: 'hvc1 hev1',
    matroska: 'V_MPEGH/ISO/HEVC',
    riff: 'HEVC H265 HVC1 X265',
  },
  'VVC (H.266)': { kind: 'video', type: 'video/mp4; codecs="vvc1.1.L51.CQA"', mp4: 'vvc1 vvi1', matroska: 'V_MPEGI/ISO/VVC' },
  'Dolby Vision': { kind: 'video', type: 'video/mp4; codecs="dvh1.05.01"', mp4: 'dvh1 dvhe dva1 dvav dav1' },
  AV1: { kind: 'video', type: 'video/mp4; codecs="av01.0.04M.08"', mp4: 'av01', matroska: 'V_AV1', riff: 'AV01' },
  VP8: { kind: 'video', type: 'video/webm; codecs="vp8"', mp4: 'vp08', matroska: 'V_VP8', riff: 'VP80' },
  VP9: { kind: 'video', type: 'video/webm; codecs="vp9"', mp4: 'vp09', matroska: 'V_VP9', riff: 'VP90' },
  Theora: { kind: 'video', type: 'video/ogg; codecs="theora"', matroska: 'V_THEORA' },
  'MPEG-4 Part 2 (DivX, Xvid)': {
    kind: 'video',
    type: 'video/mp4; codecs="mp4v.20.9"',
    mp4: 'mp4v xvid divx',
    matroska: 'V_MPEG4/ISO/SP V_MPEG4/ISO/ASP V_MPEG4/ISO/AP',
    riff: 'XVID DIVX DX50 FMP4 MP4V M4S2 3IV2 RMP4',
  },
  'MS MPEG-4 (DivX 3)': { kind: 'video', matroska: 'V_MPEG4/MS/V3', riff: 'DIV3 DIV4 MP43 MP42 MPG4 AP41 COL1' },
  'MPEG-2': { kind: 'video', mp4: 'mp2v m2v1', matroska: 'V_MPEG2', riff: 'MPG2 MPEG' },
  'MPEG-1': { kind: 'video', mp4: 'mp1v m1v1', matroska: 'V_MPEG1', riff: 'MPG1' },
  'H.263': { kind: 'video', mp4: 's263 h263', riff: 'H263 U263' },
  'Motion JPEG': { kind: 'video', mp4: 'jpeg mjpa mjpb mjpg', matroska: 'V_MJPEG', riff: 'MJPG AVRN' },
  'Apple ProRes': { kind: 'video', mp4: 'apco apcs apcn apch ap4h ap4x', matroska: 'V_PRORES' },
  DNxHD: { kind: 'video', mp4: 'AVdn AVdh' },
  DV: { kind: 'video', mp4: 'dvc  dvcp dvpp dv5n dv5p dvh5 dvh6', riff: 'DVSD DV25 DV50 DVC ' },
  'Windows Media Video': { kind: 'video', riff: 'WMV1 WMV2 WMV3 WVC1 WMVA WMVP' },
  RealVideo: { kind: 'video', matroska: 'V_REAL/' },
  Cinepak: { kind: 'video', mp4: 'cvid', riff: 'CVID' },
  Indeo: { kind: 'video', mp4: 'IV32 IV41 IV50', riff: 'IV31 IV32 IV41 IV50' },
  'Sorenson Video': { kind: 'video', mp4: 'SVQ1 SVQ3' },
  AAC: { kind: 'audio', type: 'audio/mp4; codecs="mp4a.40.2"', mp4: 'mp4a', matroska: 'A_AAC', riff: 'ff 1600 1602 706d' },
  MP3: { kind: 'audio', type: 'audio/mpeg', mp4: '.mp3', matroska: 'A_MPEG/L3', riff: '55' },
  MP2: { kind: 'audio', mp4: '.mp2', matroska: 'A_MPEG/L2', riff: '50' },
  Opus: { kind: 'audio', type: 'audio/webm; codecs="opus"', mp4: 'Opus', matroska: 'A_OPUS' },
  Vorbis: { kind: 'audio', type: 'audio/webm; codecs="vorbis"', matroska: 'A_VORBIS', riff: '566f 674f 6750 6751' },
  FLAC: { kind: 'audio', type: 'audio/flac', mp4: 'fLaC', matroska: 'A_FLAC', riff: 'f1ac' },
  PCM: {
    kind: 'audio',
    type: 'audio/wav; codecs="1"',
    mp4: 'lpcm sowt twos in24 in32 fl32 fl64 raw  ipcm fpcm',
    matroska: 'A_PCM/',
    riff: '1 3',
  },
  'AC-3 (Dolby Digital)': { kind: 'audio', type: 'audio/mp4; codecs="ac-3"', mp4: 'ac-3', matroska: 'A_AC3', riff: '2000' },
  'E-AC-3 (Dolby Digital Plus)': { kind: 'audio', type: 'audio/mp4; codecs="ec-3"', mp4: 'ec-3', matroska: 'A_EAC3' },
  'AC-4 (Dolby)': { kind: 'audio', type: 'audio/mp4; codecs="ac-4.02.01.00"', mp4: 'ac-4' },
  'Dolby TrueHD': { kind: 'audio', type: 'audio/mp4; codecs="mlpa"', mp4: 'mlpa', matroska: 'A_TRUEHD A_MLP' },
  DTS: { kind: 'audio', type: 'audio/mp4; codecs="dtsc"', mp4: 'dtsc dtse dtsh dtsl dtsx', matroska: 'A_DTS', riff: '2001 8' },
  ALAC: { kind: 'audio', type: 'audio/mp4; codecs="alac"', mp4: 'alac', matroska: 'A_ALAC' },
  'MPEG-H 3D Audio': { kind: 'audio', type: 'audio/mp4; codecs="mhm1.0x0d"', mp4: 'mha1 mhm1' },
  AMR: { kind: 'audio', mp4: 'samr sawb' },
  Speex: { kind: 'audio', type: 'audio/ogg; codecs="speex"', riff: 'a109' },
  ADPCM: { kind: 'audio', mp4: 'ima4', riff: '2 11 200' },
  'Windows Media Audio': { kind: 'audio', riff: '160 161 162 163' },
  RealAudio: { kind: 'audio', matroska: 'A_REAL/' },
  'QDesign Music': { kind: 'audio', mp4: 'QDM2 QDMC' },
} as const satisfies Record<string, KnownCodec>;

const all = Object.entries(codecs) as [Codec, KnownCodec][];

export function isVideo(codec: Codec): boolean {
  return codecs[codec].kind === 'video';
}

/** What `canPlayType` is asked for it; `null`: no browser plays it. */
export function playTypeOf(codec: Codec): string | null {
  return (codecs[codec] as KnownCodec).type ?? null;
}

/** `null` for an id that is not known. */
export function codecOfSampleEntry(type: string): Codec | null {
  return codecBy(({ mp4 = '' }) => idsOf(mp4).includes(type));
}

/** `null` for an id that is not known. */
export function codecOfMatroska(id: string): Codec | null {
  return codecBy(({ matroska = '' }) => matroska.split(' ').some((beginning) => beginning !== '' && id.startsWith(beginning)));
}

/** `null` for a FourCC that is not known. */
export function codecOfFourCc(fourCc: string): Codec | null {
  return codecBy(({ kind, riff = '' }) => kind === 'video' && idsOf(riff).includes(fourCc.toUpperCase()));
}

/** `null` for a `wFormatTag` that is not known. */
export function codecOfFormatTag(tag: number): Codec | null {
  return codecBy(({ kind, riff = '' }) => kind === 'audio' && riff.split(' ').includes(tag.toString(16)));
}

function codecBy(isIt: (codec: KnownCodec) => boolean): Codec | null {
  return all.find(([, codec]) => isIt(codec))?.[0] ?? null;
}

/** Ids of four letters each, of which the last may be a space. */
function idsOf(list: string): string[] {
  return Array.from({ length: Math.ceil(list.length / 5) }, (_, index) => list.slice(index * 5, index * 5 + 4));
}
