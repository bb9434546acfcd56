import { send, type Route } from '../http/responses.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import page from './page.html?raw';
import script from './page.js?raw';
import style from './page.css?raw';

/** The page at `/status` and the two files it loads. They are part of the tracker, so they are there without the app's build. */
export function statusPage(): [path: string, route: Route][] {
  return [
    ['/status', file('page.html', page)],
    ['/status.css', file('page.css', style)],
    ['/status.js', file('page.js', script)],
  ];
}

function file(name: string, text: string): Route {
  const headers = { 'Content-Type': mediaTypeOf(name).name, 'Cache-Control': 'no-cache' };
  const body = Buffer.from(text);
  return (_, response) => send(response, 200, headers, body);
}
