import { failureOf, TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import type { Router } from '../../state/route.svelte.ts';
import type { Settings } from '../../state/settings.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { chosenFromList, torrentFileAmong, type Chosen } from './choose/chosen.ts';
import { itemsOf, readDropped } from './choose/dropped.ts';
import { clock, count } from '../text/format.ts';
import { magnetIn } from '../text/links.ts';
import { ownTracker } from '../../host-config.ts';

/** A link in the address that was given to the engine. */
interface OpenedLink {
  readonly link: string;
  readonly id: string;
}

/** Everything that can be brought to the page: dropped, chosen or pasted things, and links. */
export class Intake {
  /** Files found so far while a folder is read, `null` while none is. */
  found: number | null = $state(null);
  failure: Failure | null = $state.raw(null);
  opened: OpenedLink | null = $state.raw(null);

  readonly #engine: EngineMirror;
  readonly #router: Router;
  readonly #settings: Settings;

  constructor(engine: EngineMirror, router: Router, settings: Settings) {
    this.#engine = engine;
    this.#router = router;
    this.#settings = settings;
    router.onChange = () => this.follow();
    // A link that was opened while another tab had the engine was refused: now it can be opened.
    engine.onOwned = () => this.follow();
  }

  /** Opens the link in the address, if there is one. */
  follow(): void {
    this.failure = null;
    const { route, autostart } = this.#router;
    if (route.view !== 'link') return;
    void this.#attempt(async () => {
      this.opened = { link: route.link, id: await this.#engine.openLink(route.link, autostart) };
    });
  }

  /** The torrent behind a link of the address, `null` while it is being opened. */
  idOf(link: string): string | null {
    return this.opened?.link === link ? this.opened.id : null;
  }

  drop(transfer: DataTransfer): void {
    const text = transfer.getData('text/uri-list') || transfer.getData('text/plain');
    const items = itemsOf(transfer);
    if (items.length === 0 && text !== '') return this.open(text);
    void this.#attempt(async () => {
      this.found = 0;
      await this.#take(await readDropped(items, (found) => (this.found = found)));
    });
  }

  choose(files: readonly File[], folder: boolean): void {
    // A cancelled dialog says nothing; an input that changed to no files is an empty folder.
    void this.#attempt(async () => this.#take(chosenFromList(files, folder)));
  }

  /** Whether the pasted things were taken. */
  paste(clipboard: DataTransfer): boolean {
    if (clipboard.files.length > 0) {
      this.choose(Array.from(clipboard.files, named), false);
      return true;
    }
    const text = clipboard.getData('text/plain').trim();
    if (text === '') return false;
    // A link to this site that was cut short is no text to share: it is named as what it is.
    if (magnetIn(text, ownTracker()) !== null || text.startsWith(`${location.origin}/`)) this.open(text);
    else this.choose([textFile(clipboard.getData('text/plain'))], false);
    return true;
  }

  /** Opens whatever link is in `text`. */
  open(text: string): void {
    const link = magnetIn(text, ownTracker());
    void this.#attempt(async () => {
      if (link === null) throw new TabswarmError('badLink');
      const { route } = this.#router;
      if (route.view === 'link' && route.link === link) this.follow();
      else this.#router.go({ view: 'link', link });
    });
  }

  /** Opens a link and downloads everything behind it at once. */
  receive(link: string): void {
    void this.#attempt(async () => {
      const id = await this.#engine.openLink(link, true);
      this.#router.go({ view: 'torrent', id });
    });
  }

  async #take(chosen: Chosen): Promise<void> {
    const torrentFile = torrentFileAmong(chosen.files);
    // To hand over a folder of thousands takes seconds.
    if (chosen.files.length > 1) this.found = chosen.files.length;
    const id =
      torrentFile === null
        ? await this.#engine.publish(chosen.name ?? nameOf(chosen), chosen.files, this.#settings.keepCopy)
        : await this.#engine.openTorrentFile(torrentFile, this.#router.autostart);
    this.#router.go({ view: 'torrent', id });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error, 'torrentFailed');
    } finally {
      this.found = null;
    }
  }
}

function nameOf({ first, more }: Chosen): string {
  return m.share_name_many({ first, count: count(more) });
}

/** Every browser calls a pasted screenshot "image.png"; the time tells one from the other. */
function named(file: File): File {
  if (file.name !== 'image.png') return file;
  const { type, lastModified } = file;
  return new File([file], `${pastedName(lastModified)}.png`, { type, lastModified });
}

function textFile(text: string): File {
  return new File([text], `${pastedName(Date.now())}.txt`, { type: 'text/plain' });
}

function pastedName(atMs: number): string {
  return m.share_name_pasted({ time: clock(atMs, atMs).replaceAll(':', '.') });
}
