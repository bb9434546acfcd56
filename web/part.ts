import { TabswarmError } from '../shared/failure.ts';
import { loadRest } from './language/current.ts';

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

/** The same for a part that says something: with what it says, in the language of the page. */
export async function loadedView<Part>(part: Promise<Part>): Promise<Part> {
  const [view] = await loaded(Promise.all([part, loadRest()]));
  return view;
}
