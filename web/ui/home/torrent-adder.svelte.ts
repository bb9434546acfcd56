import { failureOf, TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { Autostart } from '../../bridge/protocol.ts';
import type { SharedItems } from '../../bridge/installed/shared-items.ts';
import { onOpenedFiles, takeSharedItems } from '../../bridge/installed/shared-from-apps.ts';
import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import type { Router } from '../../state/route.svelte.ts';
import type { Settings } from '../../state/settings.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { type FileSelection, itemsOf, readDroppedItems, selectionFromList, singleTorrentFile } from './choose/file-selection.ts';
import { count, timeOfDay } from '../text/format.ts';
import { findMagnet } from '../links/magnet-links.ts';
import { ownTracker } from '../../host-config.ts';

/** A link from the address, after the engine has added it. */
interface OpenedLink {
  readonly link: string;
  readonly id: string;
}

/** Adds torrents: from files and folders (dropped, chosen, pasted), from pasted text, from `.torrent` files and from links. */
export class TorrentAdder {
  /** Files found so far while a folder is read, otherwise `null`. */
  filesFound: number | null = $state(null);
  failure: Failure | null = $state.raw(null);
  /** How the next share spreads its pieces (strategy.ts): chosen under Advanced. */
  strategy = $state('');
  /** What is being written on the first page: another language, or a look at another view, draws its fields anew. */
  text = $state('');
  link = $state('');
  opened: OpenedLink | null = $state.raw(null);
  /** What another app handed over; any web page can do that as well, so the person decides. */
  incoming: SharedItems | null = $state.raw(null);

  readonly #engine: EngineMirror;
  readonly #router: Router;
  readonly #settings: Settings;

  constructor(engine: EngineMirror, router: Router, settings: Settings) {
    this.#engine = engine;
    this.#router = router;
    this.#settings = settings;
    router.onChange = () => this.openAddress();
    onOpenedFiles((files) => this.shareFiles(files, false));
    void takeSharedItems(new URL(location.href)).then((items) => this.#receive(items));
  }

  /** A reload must not ask for it again. */
  #receive(items: SharedItems | null): void {
    if (items === null) return;
    this.incoming = items;
    history.replaceState(null, '', `/${location.hash}`);
  }

  /** Opens the link in the address, if there is one. */
  openAddress(): void {
    this.failure = null;
    const { route } = this.#router;
    const autostart = this.#autostart;
    if (route.view !== 'link') return;
    void this.#attempt(async () => {
      const [opened] = await Promise.allSettled([this.#engine.open(route.link, autostart)]);
      // The person may be elsewhere now, also at another link that was quicker.
      if (this.#router.route !== route) return;
      if (opened.status === 'rejected') throw opened.reason;
      this.opened = { link: route.link, id: opened.value };
    });
  }

  /** The id of the torrent behind this link, `null` until the engine has added it. */
  openedId(link: string): string | null {
    return this.opened?.link === link ? this.opened.id : null;
  }

  /** A driven browser may fill its disk; where the person let links start their downloads, these leave room. */
  get #autostart(): Autostart {
    if (!this.#router.autostart) return 'no';
    return navigator.webdriver ? 'yes' : 'ifItFits';
  }

  drop(transfer: DataTransfer): void {
    const text = transfer.getData('text/uri-list') || transfer.getData('text/plain');
    const items = itemsOf(transfer);
    if (items.length === 0 && text !== '') return this.openText(text);
    void this.#attempt(async () => {
      this.filesFound = 0;
      await this.#add(await readDroppedItems(items, (count) => (this.filesFound = count)));
    });
  }

  shareFiles(files: readonly File[], folder: boolean): void {
    // A cancelled dialog fires no event, so an input without files means an empty folder.
    void this.#attempt(async () => this.#add(selectionFromList(files, folder)));
  }

  /** Returns whether there was anything to share or open. */
  paste(clipboard: DataTransfer): boolean {
    if (clipboard.files.length > 0) {
      this.shareFiles(Array.from(clipboard.files, withUniqueName), false);
      return true;
    }
    return this.shareText(clipboard.getData('text/plain'));
  }

  /** Shares a text as a file, unless it is a link. Returns whether there was anything to share or open. */
  shareText(whole: string): boolean {
    const text = whole.trim();
    if (text === '') return false;
    // A truncated link to this site is reported as a bad link, not shared as text.
    if (findMagnet(text, ownTracker()) !== null || text.startsWith(`${location.origin}/`)) this.openText(text);
    else {
      void this.#attempt(async () => {
        await this.#add(selectionFromList([textFile(whole)], false));
        this.#sent(whole);
      });
    }
    return true;
  }

  /** It is not being written any more. */
  #sent(text: string): void {
    if (this.text.trim() === text.trim()) this.text = '';
    if (this.link.trim() === text.trim()) this.link = '';
  }

  /** Opens the link that `text` contains. */
  openText(text: string): void {
    const link = findMagnet(text, ownTracker());
    void this.#attempt(async () => {
      if (link === null) throw new TabswarmError('badLink');
      this.#sent(text);
      const { route } = this.#router;
      const before = location.hash;
      if (route.view !== 'link' || route.link !== link) this.#router.go({ view: 'link', link });
      // No event comes where the address stays the same, also because the browser writes it in another way (ö as %C3%B6).
      if (location.hash === before) this.openAddress();
    });
  }

  /** Opens a link and starts to download all of its files. */
  download(link: string): void {
    void this.#attempt(async () => {
      const id = await this.#engine.open(link, 'yes');
      this.#router.go({ view: 'torrent', id });
    });
  }

  async #add(selection: FileSelection): Promise<void> {
    const torrentFile = singleTorrentFile(selection.files);
    // Sending thousands of files to the Worker takes seconds.
    if (selection.files.length > 1) this.filesFound = selection.files.length;
    const id =
      torrentFile === null
        ? await this.#engine.publish(selection.name ?? nameOfSeveral(selection), selection.files, this.#settings.keepCopy, this.strategy)
        : await this.#engine.open(torrentFile, this.#autostart);
    if (torrentFile === null) this.strategy = '';
    this.#router.go({ view: 'torrent', id });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error, 'torrentFailed');
    } finally {
      this.filesFound = null;
    }
  }
}

function nameOfSeveral({ first, more }: FileSelection): string {
  return m.share_name_many({ first, count: count(more) });
}

/** Every browser names a pasted screenshot "image.png", so it gets the time as its name. */
function withUniqueName(file: File): File {
  if (file.name !== 'image.png') return file;
  const { type, lastModified } = file;
  return new File([file], `${pastedName(lastModified)}.png`, { type, lastModified });
}

/** A text as a file that is named after the time. */
export function textFile(text: string): File {
  return new File([text], `${pastedName(Date.now())}.txt`, { type: 'text/plain' });
}

function pastedName(atMs: number): string {
  return m.share_name_pasted({ time: timeOfDay(atMs, atMs).replaceAll(':', '.') });
}
