import { failureOf, type Failure } from '../../../shared/failure.ts';

/** A failed call is the failure of the torrent that it was for; until then that is `before`. */
export async function blamed(torrent: { failure: Failure | null }, call: Promise<unknown>, before: Failure | null = null): Promise<void> {
  torrent.failure = before;
  try {
    await call;
  } catch (error) {
    torrent.failure = failureOf(error, 'torrentFailed');
  }
}
