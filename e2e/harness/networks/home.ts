import type { Lab } from '../lab.ts';
import { addressesOf, type Family } from './addresses.ts';
import { Namespace } from './namespace.ts';

/** The way between two homes, as the whole of it measures. */
export interface Path {
  readonly roundTripMs: number;
  /** One way. */
  readonly lossPercent: number;
  /** Each way, of each home's own line; 0 is no limit. */
  readonly mbitPerSecond: number;
}

/** Lays the slow wire from a router (`wan`) to the internet, where its end has the given name. */
type Lay = (router: Namespace, line: string, seed: number) => Promise<void>;

/** A person's machine, behind a router with NAT whose line to the internet is the slow wire. */
export class Home {
  readonly router: Namespace;
  readonly person: Namespace;
  readonly #number: number;
  readonly #family: Family;

  constructor(router: Namespace, number: number, family: Family, person: Namespace) {
    this.router = router;
    this.person = person;
    this.#number = number;
    this.#family = family;
  }

  /** One more machine in the same local network. */
  addPerson(lab: Lab): Namespace {
    const person = Namespace.owned(lab, `guest-${this.#number}`);
    connect(this.router, person, this.#number, 3, this.#family);
    return person;
  }

  /** From now on the NAT takes another port for each destination. */
  becomeSymmetric(): void {
    this.router.run('iptables -t nat -R POSTROUTING 1 -o wan -j MASQUERADE --random-fully');
  }

  /** As in some companies: only TCP gets out. */
  blockUdp(): void {
    this.router.run('iptables -I FORWARD -p udp -j DROP');
  }

  /** As when a machine goes from one Wi-Fi to another: the old address is gone, and all connections with it. */
  changeAddress(): void {
    const { lan, bits } = addressesOf(this.#family);
    this.person.ip(`addr del ${lan(this.#number, 2)}/${bits} dev eth`);
    this.person.ip(`addr add ${lan(this.#number, 22)}/${bits} dev eth`);
    this.person.ip(`route add default via ${lan(this.#number, 1)}`);
  }
}

export async function openHome(lab: Lab, internet: Namespace, number: number, family: Family, lay: Lay): Promise<Home> {
  const router = Namespace.owned(lab, `router-${number}`);
  const person = Namespace.owned(lab, `person-${number}`);
  const { wan, lan, bits } = addressesOf(family);
  const line = `line-${number}`;
  await lay(router, line, number);
  internet.ip(`link set ${line} master bridge`);
  internet.ip(`link set ${line} up`);
  router.ip(`addr add ${wan(number)}/${bits} dev wan`);
  router.ip('link set wan up');
  router.ip('link add lan type bridge');
  router.ip(`addr add ${lan(number, 1)}/${bits} dev lan`);
  router.ip('link set lan up');
  connect(router, person, number, 2, family);
  if (family === 'IPv4') translate(router);
  else routeIPv6(router, internet, number);
  return new Home(router, number, family, person);
}

/** The local network behind the router. */
function connect(router: Namespace, person: Namespace, home: number, host: number, family: Family): void {
  const { lan, bits } = addressesOf(family);
  router.ip(`link add port-${host} type veth peer name eth netns ${person.name}`);
  router.ip(`link set port-${host} master lan`);
  router.ip(`link set port-${host} up`);
  person.ip(`addr add ${lan(home, host)}/${bits} dev eth`);
  person.ip('link set eth up');
  person.ip(`route add default via ${lan(home, 1)}`);
}

/**
 * NAT that keeps ports, as most routers do. What nobody inside asked for is dropped also where it is for the router itself: otherwise the
 * peer's first packet would take the port, and our own would get another.
 */
function translate(router: Namespace): void {
  router.run('sysctl -q -w net.ipv4.ip_forward=1');
  router.run('iptables -t nat -A POSTROUTING -o wan -j MASQUERADE');
  for (const chain of ['FORWARD', 'INPUT']) router.run(`iptables -A ${chain} -i wan -m conntrack --ctstate NEW -j DROP`);
}

/** No translation, only a firewall: what nobody inside asked for is dropped. The homes find each other by their routers' addresses. */
function routeIPv6(router: Namespace, internet: Namespace, number: number): void {
  const { internet: address, lan, wan } = addressesOf('IPv6');
  router.run('sysctl -q -w net.ipv6.conf.all.forwarding=1');
  router.ip(`route add default via ${address}`);
  internet.run('sysctl -q -w net.ipv6.conf.all.forwarding=1');
  internet.ip(`route add ${lan(number, 0).replace(/::0$/, '::')}/64 via ${wan(number)}`);
  router.run('ip6tables -A FORWARD -i wan -m conntrack --ctstate NEW -j DROP');
}
