import { expect, test } from '../../harness/networks/test.ts';
import { arrives, exchange, offered } from '../../harness/networks/exchange.ts';

test('behind two usual NATs the way is direct', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ relay: 'udp' });
  await arrives(lab, await exchange(lab, network), 'direct');
});

test('one NAT that takes another port for each destination: through a relay', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ relay: 'udp' });
  network.homes[0].becomeSymmetric();
  await arrives(lab, await exchange(lab, network), 'through a relay');
});

test('two such NATs: through a relay', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ relay: 'udp' });
  for (const home of network.homes) home.becomeSymmetric();
  await arrives(lab, await exchange(lab, network), 'through a relay');
});

test('two such NATs without a relay: the page finds the other, cannot connect, and its check says why', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ stunServers: 2 });
  for (const home of network.homes) home.becomeSymmetric();
  const { leech } = await exchange(lab, network);
  await expect(leech.getByTestId('headline')).toHaveAttribute('data-state', 'connecting');
  await leech.getByText('Something not working?').click();
  const check = leech.getByTestId('connection-check');
  await expect(check.locator('li[data-subject=share]')).toContainText('but no connection works', { timeout: 60_000 });
  await expect(check).toContainText('Your network blocks direct connections');
});

test('UDP does not get out and there is no relay: the check names the network, and asks for a relay', async ({ lab, openNetwork }) => {
  const network = await openNetwork();
  for (const home of network.homes) home.blockUdp();
  const { leech } = await exchange(lab, network);
  await expect(leech.getByTestId('headline')).toHaveAttribute('data-state', 'connecting', { timeout: 30_000 });
  await leech.getByText('Something not working?').click();
  const line = leech.getByTestId('connection-check').locator('li[data-subject=network]');
  await expect(line).toContainText('No STUN server answers.', { timeout: 60_000 });
  await expect(line).toContainText('Your network blocks UDP');
  await expect(line).toContainText('relay (TURN)');
});

for (const relay of ['tcp', 'tls'] as const) {
  test(`only TCP gets out of both homes: through a relay over ${relay.toUpperCase()}`, async ({ lab, openNetwork }) => {
    const network = await openNetwork({ relay });
    for (const home of network.homes) home.blockUdp();
    await arrives(lab, await exchange(lab, network), 'through a relay');
    expect(network.allocations).toBeGreaterThan(1);
  });
}

test('IPv6 alone, behind firewalls: direct', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ family: 'IPv6' });
  await arrives(lab, await exchange(lab, network), 'direct');
});

test('two people in one home without STUN find each other by names of multicast DNS', async ({ lab, openNetwork }) => {
  const network = await openNetwork({ stunServers: 0 });
  const [home] = network.homes;
  const people = await exchange(lab, network, [home.person, home.addPerson(lab)]);
  await arrives(lab, people, 'direct');
  const addresses = await offered(people.seed);
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((address) => !/ [0-9a-f-]+\.local \d+ typ host/.test(address))).toEqual([]);
});
