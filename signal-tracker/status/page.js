/** The status page: asks the tracker every few seconds while it is visible. */

/** @typedef {{ everySeconds: number, people: number[], announcesPerMinute: number[] }} History */
/** @typedef {Record<'uptimeSeconds' | 'residentBytes' | 'people', number> & Record<string, unknown> & { trouble: string | null, lastDay: History }} Stats */
/** @typedef {{ peer: string, role: 'seed' | 'leech', percent: number | null }} PeerRow */
/** @typedef {{ share: string, seeds: number, leeches: number, peers: PeerRow[] }} ShareRows */

const statsEveryMs = 2000;
const monitorEveryMs = 5000;

/** Width of the graph in points: a day in periods of 5 min; its height leaves room for the line's own width. */
const graphWidth = 288;
const graphHeight = 72;
const graphMargin = 4;

/** The monitor's token, kept only while the page is open. */
let token = '';

/** @param {string} id @returns {HTMLElement} */
function place(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element ${id}`);
  return element;
}

/** @param {string} id @param {string} words @param {boolean} bad */
function say(id, words, bad = false) {
  const element = place(id);
  // Setting the same text again would make screen readers repeat it.
  if (element.textContent !== words) element.textContent = words;
  element.classList.toggle('bad', bad);
}

/** @param {number} seconds @returns {string} */
function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** @param {number} bytes @returns {string} */
function size(bytes) {
  const megabytes = bytes / 1e6;
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}

/** @param {Stats} stats */
function showStats(stats) {
  for (const id of ['people', 'swarms', 'completeSwarms', 'seeds', 'announcesPerMinute', 'offersPerMinute']) {
    place(id).textContent = Number(stats[id]).toLocaleString('en');
  }
  place('memory').textContent = size(stats.residentBytes);
  place('uptime').textContent = duration(stats.uptimeSeconds);
  showDay(stats.lastDay, stats.people);
}

/** @param {History} history @param {number} now how many people there are now: the last point */
function showDay({ people, everySeconds }, now) {
  if (people.length === 0) return;
  const points = [...people, now];
  const most = Math.max(1, ...points);
  const line = points.map((count, index) => {
    const x = graphWidth - (points.length - 1 - index);
    const y = graphHeight - graphMargin - (count / most) * (graphHeight - 2 * graphMargin);
    return `${x} ${y.toFixed(1)}`;
  });
  place('day-line').setAttribute('d', `M${line.join('L')}`);
  place('day-area').setAttribute('d', `M${graphWidth - points.length + 1} ${graphHeight}L${line.join('L')}L${graphWidth} ${graphHeight}Z`);
  const span = duration(people.length * everySeconds);
  place('day-words').textContent = `At most ${most.toLocaleString('en')} at once in the last ${span}, now ${now.toLocaleString('en')}.`;
}

async function askStats() {
  try {
    const response = await fetch('/stats.json', { cache: 'no-store' });
    if (!response.ok) throw new Error(String(response.status));
    /** @type {Stats} */
    const stats = await response.json();
    showStats(stats);
    say('state', stats.trouble ?? 'Live', stats.trouble !== null);
  } catch {
    // Whatever the reason, the next request may succeed.
    say('state', 'The tracker does not respond. These are its last figures.', true);
  }
}

/** @param {keyof HTMLElementTagNameMap} name @param {string} text @param {string} kind @returns {HTMLElement} */
function cell(name, text, kind = '') {
  const element = document.createElement(name);
  element.textContent = text;
  element.className = kind;
  return element;
}

/** Peer ids begin with the client's name and version, `-TS0010-`; the rest is random. @param {string} hex @returns {string} */
function peerName(hex) {
  const bytes = Array.from(hex.slice(0, 16).matchAll(/../g), ([pair]) => Number.parseInt(pair, 16));
  const readable = bytes.every((byte) => byte > 32 && byte < 127);
  return readable ? `${String.fromCharCode(...bytes)}…${hex.slice(-4)}` : `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

/** @param {ShareRows} rows @returns {HTMLElement} */
function shareBody({ share, seeds, leeches, peers }) {
  const body = document.createElement('tbody');
  for (const [index, { peer, percent, role }] of peers.entries()) {
    const row = document.createElement('tr');
    if (index === 0) {
      const head = document.createElement('th');
      head.scope = 'rowgroup';
      head.rowSpan = peers.length;
      const name = cell('code', `${share.slice(0, 8)}…`);
      name.title = share;
      head.append(name, cell('small', `${seeds} of ${seeds + leeches} complete`));
      row.append(head);
    }
    const who = cell('td', '');
    who.append(cell('code', peerName(peer)));
    row.append(who, cell('td', percent === null ? '–' : `${percent}`, 'number'), cell('td', role));
    body.append(row);
  }
  return body;
}

/** @param {{ shares: ShareRows[], hidden: number }} monitor */
function showMonitor({ shares, hidden }) {
  const table = place('monitor');
  for (const body of table.querySelectorAll('tbody')) body.remove();
  table.append(...shares.map(shareBody));
  table.hidden = shares.length === 0;
  const more = hidden > 0 ? ` ${hidden.toLocaleString('en')} smaller ones are not shown.` : '';
  say('monitor-words', shares.length === 0 ? 'There are no shares now.' : `Largest shares first.${more}`);
}

async function askMonitor() {
  try {
    const response = await fetch('/monitor.json', { cache: 'no-store', headers: { Authorization: `Bearer ${token}` } });
    if (response.ok) {
      showMonitor(await response.json());
      return;
    }
    token = '';
    place('monitor').hidden = true;
    say('monitor-words', await response.text(), true);
  } catch {
    // The next request may succeed.
    say('monitor-words', 'The tracker does not respond.', true);
  }
}

/** @param {number} everyMs @param {() => Promise<void>} ask */
function keepAsking(everyMs, ask) {
  setInterval(() => {
    if (document.visibilityState === 'visible') void ask();
  }, everyMs);
}

place('monitor-form').addEventListener('submit', (event) => {
  event.preventDefault();
  token = /** @type {HTMLInputElement} */ (place('token')).value;
  void askMonitor();
});

void askStats();
keepAsking(statsEveryMs, askStats);
keepAsking(monitorEveryMs, async () => {
  if (token !== '') await askMonitor();
});
