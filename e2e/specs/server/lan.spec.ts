import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Namespace } from '../../harness/networks/namespace.ts';
import { end, said } from '../../harness/networks/network.ts';
import { complete, openApp, saved, share } from '../../harness/app/app.ts';
import type { Lab } from '../../harness/lab.ts';
import { chromiumPath } from '../../harness/system/installed.ts';
import { expect, test } from '../../harness/test.ts';

const port = 8000;
const computerAddress = '192.168.77.2';

/** Two machines at one switch, in no other network. */
function openNetwork(lab: Lab): { computer: Namespace; phone: Namespace } {
  const [room, computer, phone] = ['switch', 'computer', 'phone'].map((role) => {
    const namespace = Namespace.create(role);
    lab.own(async () => namespace.close());
    return namespace;
  }) as [Namespace, Namespace, Namespace];
  room.ip('link add bridge type bridge');
  room.ip('link set bridge up');
  for (const [at, machine] of [computer, phone].entries()) {
    room.ip(`link add port${at} type veth peer name eth netns ${machine.name}`);
    room.ip(`link set port${at} master bridge`);
    room.ip(`link set port${at} up`);
    machine.ip(`addr add 192.168.77.${at + 2}/24 dev eth`);
    machine.ip('link set eth up');
    machine.ip('route add default dev eth');
  }
  return { computer, phone };
}

/** The tracker of the program as it is started on the computer, with settings of its own. */
async function startProgram(lab: Lab, computer: Namespace, settings: string): Promise<void> {
  const program = computer.start('env', [
    `XDG_CONFIG_HOME=${settings}`,
    `CAROOT=${settings}`,
    process.execPath,
    'signal-tracker',
    '--lan',
    '--port',
    String(port),
    '--stun',
    'none',
  ]);
  lab.own(() => end(program));
  await said(program, `https://${computerAddress}:${port}`);
}

/** SHA-256 of the public key in the certificate that the program shows, in base64. */
function publicKeyHash(settings: string): string {
  const { publicKey } = new X509Certificate(readFileSync(join(settings, 'tabswarm', 'server.pem')));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

async function browserIn(lab: Lab, namespace: Namespace, args: readonly string[] = []) {
  const executable = namespace.wrap(chromiumPath(), lab.fresh(`chromium-${namespace.name}`));
  return (await lab.browser({ executable, args })).page();
}

test('a phone opens the link of a computer in its network, over http first', async ({ lab }, info) => {
  info.skip(!Namespace.isAllowed(), 'This machine lets nobody, or root alone, make network namespaces.');
  const { computer, phone } = openNetwork(lab);
  const settings = lab.fresh('settings');
  await startProgram(lab, computer, settings);
  const payload = await lab.payload('holiday film.bin', 4 * 1024 * 1024);
  const sender = await browserIn(lab, computer);
  await openApp(sender, `http://localhost:${port}`);
  await share(sender, payload.path);
  const field = sender.getByTestId('share-link');
  await expect(field).toHaveValue(new RegExp(`^https://${computerAddress}:${port}/#`));
  const link = new URL(await field.inputValue());

  await expect(sender.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  await expect(sender.getByTestId('here-only')).toHaveCount(0);

  // The computer itself reads how other devices get there.
  const reader = await sender.context().newPage();
  await reader.goto(`http://localhost:${port}/trust`);
  await expect(reader.getByRole('link', { name: 'Continue' })).toHaveAttribute('href', `${link.origin}/`);

  // A browser that does not know the certificate yet: the page says what to do, and keeps the link.
  const stranger = await sender.context().newPage();
  await stranger.goto(link.href.replace('https:', 'http:'));
  await expect(stranger.getByText('does not trust the certificate yet')).toBeVisible();
  await expect(stranger.getByRole('link', { name: 'Continue' })).toHaveAttribute('href', link.href);
  await expect(stranger.goto(link.href)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');

  // One that has accepted it: the same page goes on by itself.
  const trusting = [`--ignore-certificate-errors-spki-list=${publicKeyHash(settings)}`];
  const receiver = await browserIn(lab, phone, trusting);
  await receiver.goto(link.href.replace('https:', 'http:').replace('/#', '/?autostart=1&save=blob#'));
  await complete(receiver);
  expect(new URL(receiver.url()).protocol).toBe('https:');
  expect(await saved(receiver, 'holiday film.bin', lab.directory)).toBe(payload.hash);

  // The computer over https: its own shares lead to the address in the network as well.
  const secure = await browserIn(lab, computer, trusting);
  await openApp(secure, `https://localhost:${port}`);
  await share(secure, payload.path);
  await expect(secure.getByTestId('share-link')).toHaveValue(link.href);
  await expect(secure.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
});
