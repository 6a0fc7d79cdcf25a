import { type LookupAddress } from 'node:dns';
import { ServerAddresses, type ServerAddressesOptions } from './server-addresses';

const SERVER = { host: 'lake.test', port: 50051 };
const A = '10.0.0.1';
const B = '10.0.0.2';
const C = '10.0.0.3';
const V6 = '2001:db8::1';

function addressesOf(...addresses: string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

function bench(ips: string[], options: ServerAddressesOptions = {}) {
  const clock = { ms: 0 };
  const names: string[] = [];
  const addresses = new ServerAddresses({
    resolve: async (host) => {
      names.push(host);
      return addressesOf(...ips);
    },
    now: () => clock.ms,
    random: () => 0,
    ...options,
  });
  const order = (server = SERVER) =>
    new Promise<string[]>((resolve, reject) => {
      addresses.lookupFor(server)?.(server.host, { all: true }, (error, found) => {
        if (error === null && Array.isArray(found)) {
          resolve(found.map(({ address }) => address));
        } else {
          reject(error ?? new Error('Expected a list.'));
        }
      });
    });
  return { addresses, clock, names, order };
}

it('orders the addresses by the number of open connections', async () => {
  const { addresses, order } = bench([A, B, C]);
  expect(await order()).toEqual([A, B, C]);
  const release = addresses.connected(SERVER, A);
  addresses.connected(SERVER, B);
  expect(await order()).toEqual([C, A, B]);
  release();
  release();
  expect(await order()).toEqual([A, C, B]);
});

it('orders addresses with equally many connections at random', async () => {
  const { order } = bench([A, B, C], { random: Math.random });
  const first = new Set<string | undefined>();
  for (let count = 0; count < 200 && first.size < 3; count++) {
    first.add((await order())[0]);
  }
  expect(first).toEqual(new Set([A, B, C]));
});

it('tries a failed address last for 30 seconds, or until a connection to it succeeds', async () => {
  const { addresses, clock, order } = bench([A, B]);
  await order();
  addresses.failed(SERVER, A);
  expect(await order()).toEqual([B, A]);
  expect(addresses.countUnused(SERVER, new Set())).toBe(1);
  clock.ms = 30_000;
  expect(await order()).toEqual([A, B]);
  addresses.failed(SERVER, A);
  addresses.connected(SERVER, A)();
  expect(await order()).toEqual([A, B]);
});

it('keeps the order of the protocol families, but tries a failed address last', async () => {
  const { addresses, order } = bench([V6, A]);
  addresses.connected(SERVER, V6);
  expect(await order()).toEqual([V6, A]);
  addresses.failed(SERVER, V6);
  expect(await order()).toEqual([A, V6]);
});

it('distinguishes ports', async () => {
  const { addresses, order } = bench([A, B]);
  addresses.failed(SERVER, A);
  expect(await order({ ...SERVER, port: 1 })).toEqual([A, B]);
});

it('counts the resolved addresses that are not used, and returns 0 if the name has one address', async () => {
  const { addresses, order } = bench([A, B, C]);
  expect(addresses.countUnused(SERVER, new Set())).toBe(0);
  await order();
  expect(addresses.countUnused(SERVER, new Set([A]))).toBe(2);
  const single = bench([A]);
  await single.order();
  expect(single.addresses.countUnused(SERVER, new Set())).toBe(0);
});

it('shares the lookup of connections that are opened at the same time', async () => {
  const { names, order } = bench([A, B]);
  await Promise.all([order(), order(), order({ ...SERVER, port: 1 })]);
  expect(names).toEqual(['lake.test']);
  await order();
  expect(names).toHaveLength(2);
});

it('reports that a name cannot be resolved', async () => {
  const failure = Object.assign(new Error('getaddrinfo ENOTFOUND lake.test'), { code: 'ENOTFOUND' });
  const { order } = bench([], { resolve: () => Promise.reject(failure) });
  await expect(order()).rejects.toBe(failure);
  await expect(order()).rejects.toBe(failure);
});

it('resolves names, but not IP addresses', () => {
  const { addresses } = bench([]);
  expect(addresses.lookupFor({ host: '10.0.0.1', port: 1 })).toBeUndefined();
  expect(addresses.lookupFor({ host: '::1', port: 1 })).toBeUndefined();
});

it('uses at most 64 addresses of a name', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  expect(await bench(many).order()).toHaveLength(64);
});

it('reports a name without addresses as unknown', async () => {
  const { order } = bench([]);
  await expect(order()).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('avoids a failed address only for data sources with the same TLS settings', async () => {
  const { addresses, order } = bench([A, B]);
  const wrong = { ...SERVER, tlsKey: 'wrong' };
  await order(wrong);
  addresses.failed(wrong, A);
  addresses.failed(wrong, B);
  expect(addresses.countUnused(wrong, new Set())).toBe(0);
  expect(addresses.countUnused(SERVER, new Set())).toBe(2);
});

it('keeps the addresses of 4096 names, and drops the name that was used least recently', async () => {
  const { addresses, order } = bench([A, B]);
  const server = (index: number) => ({ ...SERVER, host: `lake-${index}.test` });
  for (let index = 0; index < 4096; index++) {
    await order(server(index));
  }
  const unused = (index: number) => addresses.countUnused(server(index), new Set());
  expect(unused(0)).toBe(2);
  await order(server(4096));
  expect([unused(0), unused(1), unused(2)]).toEqual([2, 0, 2]);
});
