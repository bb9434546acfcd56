/** What a page shows in place: pictures, sound, films and plain text. */
type InlineKind = 'image' | 'audio' | 'video' | 'text' | 'pdf';

export interface InlineType {
  readonly kind: InlineKind;
  /** What the file is served as, whatever it is: a browser never sniffs it. */
  readonly mime: string;
}

/**
 * The only types that files of strangers are served as in our origin, by the ending of their name. Nothing that can hold a script is among
 * them: no HTML, no SVG, no XML.
 */
const endings: Readonly<Record<Exclude<InlineKind, 'text' | 'pdf'>, Readonly<Record<string, string>>>> = {
  image: {
    'image/png': 'png apng',
    'image/jpeg': 'jpg jpeg jpe jfif',
    'image/gif': 'gif',
    'image/webp': 'webp',
    'image/avif': 'avif',
    'image/bmp': 'bmp',
    'image/x-icon': 'ico',
    'image/heic': 'heic heif',
    'image/jxl': 'jxl',
  },
  audio: {
    'audio/mpeg': 'mp3',
    'audio/mp4': 'm4a m4b',
    'audio/aac': 'aac',
    'audio/ogg': 'ogg oga opus spx',
    'audio/flac': 'flac',
    'audio/wav': 'wav',
    'audio/webm': 'weba',
    'audio/x-aiff': 'aif aiff',
    'audio/x-ms-wma': 'wma',
  },
  video: {
    'video/mp4': 'mp4 m4v',
    'video/webm': 'webm',
    'video/ogg': 'ogv',
    'video/quicktime': 'mov qt',
    'video/x-matroska': 'mkv',
    'video/x-msvideo': 'avi',
    'video/mpeg': 'mpg mpeg mpe vob',
    'video/mp2t': 'm2ts mts',
    'video/x-ms-wmv': 'wmv asf',
    'video/x-flv': 'flv',
    'video/3gpp': '3gp 3g2',
  },
};

/** Shown as letters and never as anything else. */
const textEndings = `txt text md markdown rst log csv tsv json jsonl srt vtt sub ass nfo diz ini cfg conf toml yaml yml
  c h cpp hpp cs go java js jsx ts tsx kt lua php pl py r rb rs sh sql swift tex`;

const byEnding = new Map<string, InlineType>();
for (const [kind, types] of Object.entries(endings)) {
  for (const [mime, names] of Object.entries(types)) {
    for (const ending of names.split(' ')) byEnding.set(ending, { kind: kind as InlineKind, mime });
  }
}
for (const ending of textEndings.split(/\s+/)) byEnding.set(ending, { kind: 'text', mime: 'text/plain; charset=utf-8' });
byEnding.set('pdf', { kind: 'pdf', mime: 'application/pdf' });

/** How a file of this name is shown in place; `null`: it can only be saved. */
export function inlineTypeOf(name: string): InlineType | null {
  const dot = name.lastIndexOf('.');
  return dot < 1 ? null : (byEnding.get(name.slice(dot + 1).toLowerCase()) ?? null);
}

/** What may ask for a file: the two media elements, and the frame of a PDF, which browsers show in a viewer of their own. */
const shownBy: Partial<Record<RequestDestination, readonly string[]>> = {
  audio: [...Object.keys(endings.audio), ...Object.keys(endings.video)],
  video: [...Object.keys(endings.audio), ...Object.keys(endings.video)],
  iframe: ['application/pdf'],
};

/** The types that the service worker serves where they are asked for so; none to documents, scripts, styles and all others. */
export function servedTypes(destination: RequestDestination): readonly string[] {
  return shownBy[destination] ?? [];
}
