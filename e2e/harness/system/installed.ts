import { chromium } from 'playwright';
import { locate, type Program, provide } from './programs.ts';

const chromiumProgram: Program = {
  name: 'Chromium',
  variable: 'CHROMIUM_PATH',
  debianPackage: 'chromium',
  paths: () => [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    chromium.executablePath(),
  ],
};

const firefoxProgram: Program = {
  name: 'Firefox',
  variable: 'FIREFOX_PATH',
  debianPackage: 'firefox-esr',
  paths: () => ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
};

const turnserverProgram: Program = {
  name: 'coturn',
  variable: 'TURNSERVER_PATH',
  debianPackage: 'coturn',
  paths: () => ['/usr/bin/turnserver', '/usr/local/bin/turnserver', '/opt/homebrew/opt/coturn/bin/turnserver'],
};

const nginxProgram: Program = {
  name: 'nginx',
  variable: 'NGINX_PATH',
  debianPackage: 'nginx',
  paths: () => ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'],
};

const caddyProgram: Program = {
  name: 'Caddy',
  variable: 'CADDY_PATH',
  debianPackage: 'caddy',
  paths: () => ['/usr/bin/caddy', '/usr/local/bin/caddy', '/opt/homebrew/bin/caddy'],
};

/** Path of a Chromium or Chrome. Throws one sentence that says what to install. */
export const chromiumPath = (): string => locate(chromiumProgram);

/** Path of a Firefox. Throws one sentence that says what to install. */
export const firefoxPath = (): string => locate(firefoxProgram);

/** Path of coturn's `turnserver`. Throws one sentence that says what to install. */
export const turnserverPath = (): string => locate(turnserverProgram);

/** Path of nginx, which is installed where it is missing. Throws one sentence that says what to install. */
export function nginxPath(): string {
  provide(nginxProgram);
  return locate(nginxProgram);
}

/** Path of Caddy, which is installed where it is missing. Throws one sentence that says what to install. */
export function caddyPath(): string {
  provide(caddyProgram);
  return locate(caddyProgram);
}

/** Finds or installs everything that the tests drive; throws where something is missing. */
export function provideBrowsers(): void {
  for (const program of [chromiumProgram, firefoxProgram, turnserverProgram]) provide(program);
}
