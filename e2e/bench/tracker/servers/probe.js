/** Loaded before a server's own program (`node --expose-gc --import`): tells its parent on request what it has used so far. */
process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpuMicros: user + system, residentBytes: rss, heapBytes: heapUsed });
});
