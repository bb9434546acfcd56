import { type Codec, isVideo, playTypeOf } from './codec-names.ts';
import { BoundedBytes, type ReadPart } from './bounded-bytes.ts';
import { type Contents, contentsOf } from './contents.ts';

/** What of a film or a sound this browser cannot play, by its names; empty: as far as is known it can. */
export interface Unplayable {
  /** Container and codecs, those of the picture first. */
  readonly all: readonly string[];
  readonly picture: readonly string[];
  /** Only where no other track could be heard. */
  readonly sound: readonly string[];
}

/** What this browser cannot play of a file of so many bytes. Rejects where `read` does. */
export async function unplayableIn(length: number, read: ReadPart): Promise<Unplayable> {
  const element = document.createElement('video');
  return unplayableOf(await contentsOf(new BoundedBytes(length, read)), (type) => element.canPlayType(type) !== '');
}

/** `canPlay` is asked for types such as `video/mp4; codecs="hvc1.1.6.L93.B0"`. */
export function unplayableOf({ container, codecs }: Contents, canPlay: (type: string) => boolean): Unplayable {
  const fails = (codec: Codec): boolean => {
    const type = playTypeOf(codec);
    return type === null || !canPlay(type);
  };
  const pictures = unique(codecs.filter(isVideo));
  const sounds = unique(codecs.filter((codec) => !isVideo(codec)));
  const [picture, unheard] = [pictures.filter(fails), sounds.filter(fails)];
  const all = [...picture, ...unheard];
  return { all: container === null ? all : [container, ...all], picture, sound: unheard.length === sounds.length ? unheard : [] };
}

function unique(codecs: readonly Codec[]): Codec[] {
  return [...new Set(codecs)];
}
