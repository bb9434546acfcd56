/** The page about the certificate: keeps the link that the visitor came with, and goes on by itself where the certificate is trusted. */

/** @param {string} selector @returns {HTMLElement} */
function place(selector) {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`no element ${selector}`);
  return element;
}

const { host, protocol, pathname, search, hash } = location;
const overHttp = protocol === 'http:';
/** The fragment says which share the visitor came for; browsers never send it to the server. */
const target = `https://${host}${overHttp ? pathname : '/'}${search}${hash}`;
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

/** Fails where the browser does not trust the certificate. */
async function probe() {
  await fetch(`https://${host}/healthz`, { mode: 'no-cors', cache: 'no-store' });
  place('#trusted').textContent = 'This browser trusts the certificate.';
  if (overHttp && pathname !== '/trust') location.replace(target);
}

probe().catch(() => {
  place('#trusted').textContent = 'This browser does not trust the certificate yet.';
});
