/** The page about the certificate: keeps the link that the visitor came with, and goes on by itself where the certificate is trusted. */

/** @param {string} selector @returns {HTMLElement} */
function place(selector) {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`no element ${selector}`);
  return element;
}

const { host, hostname, protocol, pathname, search, hash } = location;
/** Where other devices reach the app: the name that this one came by, or what the server says of itself. */
const written = new URL(place('#continue').getAttribute('href') ?? '/', location.href).origin;
const origin = hostname === 'localhost' || hostname === '127.0.0.1' ? written : `https://${host}`;
/** On the way to the app, not a reader of this page. */
const passing = protocol === 'http:' && pathname !== '/trust';
/** The fragment says which share the visitor came for; browsers never send it to the server. */
const target = `${origin}${passing ? pathname : '/'}${search}${hash}`;
place('#continue').setAttribute('href', target);

/** @type {readonly [string, RegExp][]} */
const systems = [
  ['ios', /iPhone|iPad/],
  ['android', /Android/],
  ['mac', /Macintosh/],
  ['windows', /Windows/],
  ['linux', /Linux/],
];
const [system = ''] = systems.find(([, agent]) => agent.test(navigator.userAgent)) ?? [];
document.querySelector(`[data-system="${system}"]`)?.setAttribute('open', '');

/** @param {'yes' | 'no'} answer whether the certificate is trusted */
function say(answer) {
  place('#trusted').textContent = place('#trusted').dataset[answer] ?? '';
}

/** Fails where the browser does not trust the certificate. */
async function probe() {
  await fetch(`${origin}/healthz`, { mode: 'no-cors', cache: 'no-store' });
  say('yes');
  if (passing) location.replace(target);
}

probe().catch(() => {
  say('no');
});
