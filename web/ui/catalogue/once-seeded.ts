/** An announce waits for its offers, 2 s and more on a busy machine. */
const patienceMs = [500, 1500, 3000, 6000];

/** What the tracker answers about a share that nobody seeds there. */
const notSeeded = 409;

/** Asks again where the tracker has not seen a seed of the share yet: the person may be faster than our own announce. */
export async function onceSeeded<Answer extends Pick<Response, 'status'>>(
  ask: () => Promise<Answer>,
  wait: (ms: number) => Promise<void>,
): Promise<Answer> {
  for (const ms of patienceMs) {
    const answer = await ask();
    if (answer.status !== notSeeded) return answer;
    await wait(ms);
  }
  return ask();
}
