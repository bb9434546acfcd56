import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from './responses.ts';
import { TranslatedPage } from './translated-page.ts';
import html from './message.html?raw';

/** A page that says one thing, for a browser; one sentence for a program. */
function messagePage(name: string, status: number, sentence: string): (request: IncomingMessage, response: ServerResponse) => void {
  const page = new TranslatedPage(html.replaceAll('{{title}}', `{{${name}_title}}`).replace('{{hint}}', `{{${name}_hint}}`));
  return (request, response) => {
    if ((request.headers.accept ?? '').includes('text/html')) page.send(request, response, { status });
    else sendText(response, status, sentence, { Vary: 'Accept' });
  };
}

export const sendMissing = messagePage('missing', 404, 'There is nothing at this address.');

/** Where no certificate is made, the address of the page about it still gets around. */
export const sendNoCertificate = messagePage('no_certificate', 404, 'This server has no certificate of its own.');

export const sendMisdirected = messagePage('name', 421, 'This server does not answer under that name.');
