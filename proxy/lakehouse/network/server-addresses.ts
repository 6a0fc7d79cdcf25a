/**
 * Chooses an address for each new connection to a server. The name of the server may have several addresses.
 *
 * All data sources of the process share one `ServerAddresses` object, so that their connections spread evenly over the
 * addresses. An address that failed is used last for some time.
 */
import { Cache } from '../../../contract/cache';
import { StringMap } from '../../../contract/string-map';
import { digestOf } from '../../base/digest';
import { lookup as lookupName, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { formatAddress } from '../../../contract/settings/host';
import { type ServerRoute } from './routes';

/** An address that failed is avoided for this many milliseconds. */
const AVOIDED_MS = 30_000;

/** Maximum number of addresses of a name. Further addresses are ignored. */
const MAX_ADDRESSES = 64;

/** Addresses are kept for at most this many servers (host and port). The least recently used server is dropped. */
const MAX_NAMES = 4096;

/**
 * Resolves a name to all of its addresses, in the order of preference.
 *
 * @param hints Flags of `dns.lookup`.
 * @throws Node's error, for example `ENOTFOUND`.
 */
export type ResolveName = (host: string, hints?: number) => Promise<LookupAddress[]>;

/** Tests replace the resolver, the clock and the random numbers. */
export interface ServerAddressesOptions {
  /** Default: the resolver of the system. */
  resolve?: ResolveName | undefined;
  /** Milliseconds of a monotonic clock. Default: `performance.now`. */
  now?: () => number;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). Default: `Math.random`. */
  random?: () => number;
}

/** A server by its name. */
export interface NamedServer {
  readonly host: string;
  readonly port: number;
  /**
   * Identifies the TLS settings. If an address fails because the TLS settings of one data source are wrong, data
   * sources with other settings do not avoid the address.
   */
  readonly tlsKey?: string;
}

/** The server of a route, with a digest of its TLS settings. */
export function namedServer({ host, port, tls }: ServerRoute): NamedServer {
  if (tls === undefined) {
    return { host, port };
  }
  const { skipVerify, ca, clientCertificate, serverName } = tls;
  const settings = JSON.stringify([skipVerify, ca, clientCertificate, serverName]);
  return { host, port, tlsKey: digestOf(settings) };
}

/** The last response of a server to this process. All connections to the server write it. */
export interface LastResponse {
  /** A time of `performance.now()`. Undefined: the server has never responded. */
  atMs?: number;
  /** True if the response came over TLS. */
  isTls?: boolean;
}

interface Target {
  readonly lastResponse: LastResponse;
  /** The addresses of the last lookup. */
  addresses: LookupAddress[];
  /** The number of open connections to each address. */
  readonly counts: StringMap<number>;
  /** For each `avoidedKey`, the time until which its address is avoided. */
  readonly avoidedUntilMs: StringMap<number>;
}

const systemResolve: ResolveName = (host, hints = 0) =>
  new Promise((resolve, reject) =>
    lookupName(host, { all: true, hints }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)))
  );

/** Keeps the last addresses, connection counts, failures and last responses of up to 4096 servers. */
export class ServerAddresses {
  readonly #resolve: ResolveName;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #targets = new Cache<Target>({ maxSize: MAX_NAMES });
  /** Keeps no addresses: only connections that are opened at the same time share a lookup. */
  readonly #lookups = new Cache<LookupAddress[]>({ maxSize: Infinity, ageMs: 0 });

  constructor(options: ServerAddressesOptions = {}) {
    this.#resolve = options.resolve ?? systemResolve;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  /**
   * Returns a function for the option `lookup` of a socket. The function resolves the name to its addresses, in the
   * order of attempts. Undefined for an IP address.
   */
  lookupFor(server: NamedServer): LookupFunction | undefined {
    if (isIP(server.host) !== 0) {
      return undefined;
    }
    return (_, options, callback) => {
      this.#ordered(server, options.hints).then(
        (addresses) => {
          const [first] = addresses;
          if (options.all === true) {
            callback(null, addresses);
          } else {
            callback(null, first.address, first.family);
          }
        },
        (reason: NodeJS.ErrnoException) => callback(reason, [])
      );
    };
  }

  /** Counts a connection to an address. @returns A function that ends the count. Its further calls have no effect. */
  connected(server: NamedServer, address: string): () => void {
    const { counts, avoidedUntilMs } = this.#target(server);
    counts.set(address, (counts.get(address) ?? 0) + 1);
    avoidedUntilMs.delete(avoidedKey(server, address));
    let isOpen = true;
    return () => {
      if (isOpen) {
        isOpen = false;
        const left = (counts.get(address) ?? 1) - 1;
        if (left > 0) {
          counts.set(address, left);
        } else {
          counts.delete(address);
        }
      }
    };
  }

  /**
   * Call this when a connection to the address failed or was lost. New connections try other addresses first for 30
   * seconds.
   */
  failed(server: NamedServer, address: string): void {
    this.#target(server).avoidedUntilMs.set(avoidedKey(server, address), this.#now() + AVOIDED_MS);
  }

  /**
   * The number of addresses of the last lookup that are neither avoided now nor in `used`. 0 if the name has only one
   * address.
   */
  countUnused(server: NamedServer, used: ReadonlySet<string>): number {
    const target = this.#targets.get(keyOf(server));
    if (target === undefined || target.addresses.length < 2) {
      return 0;
    }
    const { addresses } = target;
    return addresses.filter(({ address }) => !used.has(address) && !this.#isAvoided(target, server, address)).length;
  }

  /** The last response of the server, of all data sources. */
  lastResponse(server: NamedServer): LastResponse {
    return this.#target(server).lastResponse;
  }

  async #ordered(server: NamedServer, hints: number | undefined): Promise<LookupAddress[]> {
    const found = await this.#lookup(server.host, hints);
    const target = this.#target(server);
    target.addresses = found;
    for (const [key, untilMs] of target.avoidedUntilMs) {
      if (untilMs <= this.#now()) {
        target.avoidedUntilMs.delete(key);
      }
    }
    return this.#order(found, server, target);
  }

  /**
   * Sorts by three criteria. Avoided addresses come last. Then the system's preferred protocol family comes first. Then
   * the address with fewer connections comes first. Addresses that are equal in all three are in random order. Node
   * then tries the families alternately.
   */
  #order(addresses: readonly LookupAddress[], server: NamedServer, target: Target): LookupAddress[] {
    const preferred = addresses.at(0)?.family;
    return addresses
      .map((address) => ({
        address,
        isAvoided: this.#isAvoided(target, server, address.address),
        isOtherFamily: address.family !== preferred,
        count: target.counts.get(address.address) ?? 0,
        chance: this.#random(),
      }))
      .sort(
        (a, b) =>
          Number(a.isAvoided) - Number(b.isAvoided) ||
          Number(a.isOtherFamily) - Number(b.isOtherFamily) ||
          a.count - b.count ||
          a.chance - b.chance
      )
      .map(({ address }) => address);
  }

  #isAvoided({ avoidedUntilMs }: Target, server: NamedServer, address: string): boolean {
    return (avoidedUntilMs.get(avoidedKey(server, address)) ?? 0) > this.#now();
  }

  #lookup(host: string, hints: number | undefined): Promise<LookupAddress[]> {
    return this.#lookups.load(host, async () => {
      const addresses = await this.#resolve(host, hints);
      // For an empty list, Node.js throws where no caller can catch it.
      if (addresses.length === 0) {
        throw Object.assign(new Error(`${host} has no addresses`), { code: 'ENOTFOUND' });
      }
      return addresses.slice(0, MAX_ADDRESSES);
    });
  }

  #target(server: NamedServer): Target {
    const key = keyOf(server);
    const known = this.#targets.get(key);
    if (known !== undefined) {
      return known;
    }
    const target: Target = {
      lastResponse: {},
      addresses: [],
      counts: new StringMap(),
      avoidedUntilMs: new StringMap(),
    };
    this.#targets.set(key, target);
    return target;
  }
}

function keyOf({ host, port }: NamedServer): string {
  return formatAddress(host, port);
}

function avoidedKey({ tlsKey = '' }: NamedServer, address: string): string {
  return `${address} ${tlsKey}`;
}
