/** The status page: asks the tracker every few seconds while it is visible. */

/** @typedef {{ everySeconds: number, people: number[], announcesPerMinute: number[] }} History */
/** @typedef {Record<'uptimeSeconds' | 'residentBytes' | 'people', number> & Record<string, unknown> & { trouble: string | null, monitor: boolean, lastDay: History }} Stats */
/** @typedef {{ peer: string, role: 'seed' | 'leech', percent: number | null }} PeerRow */
/** @typedef {{ share: string, name: string | null, seeds: number, leeches: number, peers: PeerRow[] }} ShareRows */

const statsEveryMs = 2000;
const monitorEveryMs = 5000;

/** Of the graph's own units; the height leaves room for the line's own width. */
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

/** By key without `server_status_`. @type {Record<string, string>} */
const texts = JSON.parse(place('texts').textContent ?? '{}');

/** @param {string} key @param {Record<string, string | number>} inputs @returns {string} */
function text(key, inputs = {}) {
  return (texts[key] ?? key).replaceAll(/\{(\w+)\}/g, (_, name) => String(inputs[name] ?? ''));
}

/** The digits are 0–9 in every language, as in the app. */
const language = `${document.documentElement.lang}-u-nu-latn`;

/** @param {number} number @returns {string} */
function count(number) {
  return number.toLocaleString(language);
}

/** @param {number} number @param {string} unit @param {'short' | 'long'} unitDisplay @param {number} digits @returns {string} */
function quantity(number, unit, unitDisplay = 'short', digits = 0) {
  const options = { unit, unitDisplay, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return number.toLocaleString(language, { style: 'unit', ...options });
}

/** @param {string} id @param {string} words @param {boolean} bad */
function say(id, words, bad = false) {
  const element = place(id);
  // Setting the same text again would make screen readers repeat it.
  if (element.textContent !== words) element.replaceChildren(...words.split(/(--[\w-]+)/).map(asPart));
  element.classList.toggle('bad', bad);
}

/** Every second part is an option of the command line, which a narrow page would break after its dashes. @param {string} part @param {number} at */
function asPart(part, at) {
  return at % 2 === 0 ? part : cell('code', part);
}

/** @param {number} seconds @returns {string} */
function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return quantity(Math.floor(hours / 24), 'day', 'long');
  const rest = minutes % 60 === 0 && hours > 0 ? '' : quantity(minutes % 60, 'minute');
  if (hours > 0) return `${quantity(hours, 'hour')} ${rest}`.trim();
  return minutes > 0 ? rest : quantity(seconds, 'second');
}

/** For "in the last …", where no language says 1. @param {number} seconds @returns {string} */
function span(seconds) {
  if (seconds < 120) return quantity(seconds, 'second');
  return seconds < 7200 ? quantity(Math.floor(seconds / 60), 'minute') : duration(seconds);
}

/** @param {number} bytes @returns {string} */
function size(bytes) {
  const megabytes = bytes / 1e6;
  return megabytes < 1000 ? quantity(megabytes, 'megabyte') : quantity(megabytes / 1000, 'gigabyte', 'short', 1);
}

/** @param {Stats} stats */
function showStats(stats) {
  for (const id of ['people', 'swarms', 'completeSwarms', 'seeds', 'announcesPerMinute', 'offersPerMinute']) {
    place(id).textContent = count(Number(stats[id]));
  }
  place('memory').textContent = size(stats.residentBytes);
  place('uptime').textContent = duration(stats.uptimeSeconds);
  showDay(stats.lastDay, stats.people);
}

/** @param {History} history @param {number} now how many people there are now: the last point */
function showDay({ people, everySeconds }, now) {
  if (people.length < 2) return;
  const points = [...people, now];
  const most = Math.max(1, ...points);
  const line = points.map((count, index) => {
    const x = (index * graphWidth) / (points.length - 1);
    const y = graphHeight - graphMargin - (count / most) * (graphHeight - 2 * graphMargin);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  place('day-line').setAttribute('d', `M${line.join('L')}`);
  place('day-area').setAttribute('d', `M0 ${graphHeight}L${line.join('L')}L${graphWidth} ${graphHeight}Z`);
  place('day-title').textContent = text('day_span', { span: span(people.length * everySeconds) });
  place('day-words').textContent = text('day_most', { most: count(most), now: count(now) });
}

/** Nobody is asked for a token that does not exist. @param {boolean} isOpen */
function showMonitorForm(isOpen) {
  for (const part of document.querySelectorAll('#monitor-form > label, #token-row')) /** @type {HTMLElement} */ (part).hidden = !isOpen;
  if (!isOpen) say('monitor-words', text('closed'));
}

async function askStats() {
  try {
    const response = await fetch('/stats.json', { cache: 'no-store' });
    if (!response.ok) throw new Error(String(response.status));
    /** @type {Stats} */
    const stats = await response.json();
    showStats(stats);
    showMonitorForm(stats.monitor);
    say('state', text(stats.trouble === null ? 'live' : 'trouble'), stats.trouble !== null);
  } catch {
    // Whatever the reason, the next request may succeed.
    say('state', text('away'), true);
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

/** The second press within this time removes the listing: it cannot be listed again. */
const confirmMs = 4000;

/** @param {string} share @param {string} name @returns {HTMLElement} */
function removal(share, name) {
  const button = cell('button', text(confirming.has(share) ? 'remove_really' : 'remove'), 'quiet');
  button.setAttribute('type', 'button');
  button.dataset['share'] = share;
  button.setAttribute('aria-label', text('remove_named', { name }));
  button.addEventListener('click', () => {
    if (confirming.has(share)) {
      confirming.delete(share);
      void unlist(share);
      return;
    }
    confirming.add(share);
    button.textContent = text('remove_really');
    setTimeout(() => {
      confirming.delete(share);
      // Meanwhile the rows may be new.
      const shown = document.querySelector(`button[data-share="${share}"]`);
      if (shown !== null) shown.textContent = text('remove');
    }, confirmMs);
  });
  return button;
}

/** Shares whose button was pressed once. The table is made anew every few seconds. @type {Set<string>} */
const confirming = new Set();

/** @param {string} share */
async function unlist(share) {
  const response = await fetch(`/api/catalogue/${share}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  if (response.ok) await askMonitor();
  else say('monitor-words', await refusal(response), true);
}

/** @param {ShareRows} rows @returns {HTMLElement} */
function shareBody({ share, name, seeds, leeches, peers }) {
  const body = document.createElement('tbody');
  for (const [index, { peer, percent, role }] of peers.entries()) {
    const row = document.createElement('tr');
    if (index === 0) {
      const head = document.createElement('th');
      head.scope = 'rowgroup';
      head.rowSpan = peers.length;
      const hash = cell('code', `${share.slice(0, 8)}…`);
      hash.title = share;
      if (name !== null) head.append(cell('bdi', name, 'name'));
      head.append(hash, cell('small', text('complete_of', { seeds: count(seeds), all: count(seeds + leeches) })));
      if (name !== null) head.append(removal(share, name));
      row.append(head);
    }
    const who = cell('td', '');
    who.append(cell('code', peerName(peer)));
    row.append(who, cell('td', percent === null ? '–' : `${percent}`, 'number'), cell('td', text(role)));
    body.append(row);
  }
  return body;
}

/** @param {{ shares: ShareRows[], hidden: number }} monitor */
function showMonitor({ shares, hidden }) {
  const table = place('monitor');
  // A button that is replaced during a press never hears of it. The next answer comes in seconds.
  if (table.querySelector('button:active') !== null) return;
  const focused =
    document.activeElement instanceof HTMLElement && table.contains(document.activeElement)
      ? document.activeElement.dataset['share']
      : undefined;
  for (const body of table.querySelectorAll('tbody')) body.remove();
  table.append(...shares.map(shareBody));
  table.hidden = shares.length === 0;
  // The rows are new: whoever was on a button stays there.
  const button = focused === undefined ? null : table.querySelector(`button[data-share="${focused}"]`);
  if (button instanceof HTMLElement) button.focus();
  const more = hidden > 0 ? ` ${text('hidden', { count: count(hidden) })}` : '';
  say('monitor-words', shares.length === 0 ? text('none') : `${text('largest')}${more}`);
}

/** What the tracker's answers mean. @type {Record<number, string>} */
const refusals = { 401: 'wrong_token', 403: 'closed', 429: 'many_tokens' };

/** @param {Response} response @returns {Promise<string>} */
async function refusal(response) {
  const key = refusals[response.status];
  return key === undefined ? response.text() : text(key);
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
    say('monitor-words', await refusal(response), true);
  } catch {
    // The next request may succeed.
    say('monitor-words', text('no_answer'), true);
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
