import { verifiedShare } from '../../harness/app/app.ts';
import { arrives, exchange } from '../../harness/networks/exchange.ts';
import { expect, test } from '../../harness/networks/test.ts';

/** Slow enough to be in the middle for some seconds. */
const slow = { roundTripMs: 20, lossPercent: 0, mbitPerSecond: 5 };

test('the relay goes away in the middle and comes back: the page says that nothing comes, and the transfer goes on', async ({
  lab,
  openNetwork,
}) => {
  const network = await openNetwork({ path: slow, relay: 'udp' });
  for (const home of network.homes) home.becomeSymmetric();
  const people = await exchange(lab, network);
  await verifiedShare(people.leech, 0.1);
  await network.stopCoturn();
  await expect(people.leech.getByTestId('headline')).toHaveAttribute('data-state', /^(looking|connecting|starting|nobody)$/);
  await network.startCoturn();
  await arrives(lab, people, 'through a relay');
});

test('the address changes in the middle: the page says that it connects, and the transfer goes on', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ path: slow });
  const people = await exchange(lab, network);
  await verifiedShare(people.leech, 0.1);
  network.homes[1].changeAddress();
  await expect(people.leech.getByTestId('headline')).toHaveAttribute('data-state', /^(looking|connecting)$/);
  await arrives(lab, people, 'direct');
});

test('the address changes while the tracker is down: the page names that, and the transfer goes on when the tracker is back', async ({
  lab,
  openNetwork,
}) => {
  const network = await openNetwork({ path: slow });
  const people = await exchange(lab, network);
  await verifiedShare(people.leech, 0.1);
  await network.stopTracker();
  network.homes[1].changeAddress();
  // Without a tracker nobody can be told the new address.
  await expect(people.leech.getByTestId('headline')).toHaveAttribute('data-state', 'noTracker');
  await network.startTracker();
  await arrives(lab, people, 'direct');
});
