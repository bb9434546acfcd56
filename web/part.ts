import { TabswarmError } from '../shared/failure.ts';

/**
 * A part of the app that is loaded when it is first needed.
 * @throws TabswarmError `partMissing` where the server is away and the service worker does not have it
 */
export async function loaded<Part>(part: Promise<Part>): Promise<Part> {
  try {
    return await part;
  } catch {
    throw new TabswarmError('partMissing');
  }
}
