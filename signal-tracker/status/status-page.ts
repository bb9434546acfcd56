import { send, type Route } from '../http/responses.ts';
import { mediaTypeOf } from '../http/assets/media-type.ts';
import { TranslatedPage } from '../http/translated-page.ts';
import html from './page.html?raw';
import script from './page.js?raw';
import style from './page.css?raw';

const page = new TranslatedPage(html);

/** The page at `/status` and the two files it loads. They are part of the tracker, so they are there without the app's build. */
export function statusPage(): [path: string, route: Route][] {
  return [
    ['/status', (request, response) => page.send(request, response, { headers: { 'Cache-Control': 'no-cache' } })],
    ['/status.css', file('page.css', style)],
    ['/status.js', file('page.js', script)],
  ];
}

function file(name: string, text: string): Route {
  const headers = { 'Content-Type': mediaTypeOf(name).name, 'Cache-Control': 'no-cache' };
  const body = Buffer.from(text);
  return (_, response) => send(response, 200, headers, body);
}
