/**
 * Loads the texts of the page's language beside the page's own script, not after it: the build gives this module a script element of its own,
 * before the page's.
 */
import { loadedAgain } from '../load-again.ts';
import { speak } from './current.ts';
import { storedChoice } from './stored-choice.ts';

export const languageStarted: Promise<unknown> = loadedAgain(() => speak(storedChoice()).catch(() => speak('en')));
