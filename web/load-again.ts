/** When the network changes, all requests that are on their way fail: after a moment it is there again. */
const pausesMs = [500, 1000, 2000, 4000];

/** What the page cannot do without is asked for again where it does not come, a few times. */
export function loadedAgain<Part>(load: () => Promise<Part>): Promise<Part> {
  return pausesMs.reduce(
    (part, pauseMs) =>
      part.catch(async () => {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        return load();
      }),
    load(),
  );
}
