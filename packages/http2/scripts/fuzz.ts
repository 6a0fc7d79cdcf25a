/**
 * Fuzzes the package with random seeds: `npm run fuzz -w packages/http2`.
 *
 * FUZZ_SECONDS is the duration (default 60). The output begins with the seed. A failure prints the seed of its round.
 * With `FUZZ_SEED=<seed>`, the run begins with that round.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { FUZZ_ROUNDS } from '../src/testing/fuzz.ts';
import { endLoopback, listen } from '../src/testing/loopback.ts';
import { randomOf } from '../src/testing/random.ts';

const MAX_SEED = 2 ** 32;

function numberOf(name: string, fallback: number): number {
  const string = process.env[name] ?? '';
  const value = string === '' ? fallback : Number(string);
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`${name} must be a number, not ${JSON.stringify(string)}.`);
  }
  return value;
}

/** Runs one round of each kind for a server and for a client. */
async function fuzzOnce(seed: number, port: number): Promise<void> {
  for (const [name, { run }] of Object.entries(FUZZ_ROUNDS)) {
    for (const isServer of [true, false]) {
      try {
        await run(randomOf(seed), { port, isServer });
      } catch (reason) {
        const side = isServer ? 'server' : 'client';
        throw new Error(`Failed with ${name} as ${side}. Repeat it with FUZZ_SEED=${seed}.`, { cause: reason });
      }
    }
  }
}

async function main(): Promise<void> {
  const firstSeed = numberOf('FUZZ_SEED', randomInt(MAX_SEED));
  const seconds = numberOf('FUZZ_SECONDS', 60);
  console.log(`FUZZ_SEED=${firstSeed}, for ${seconds} seconds`);
  const port = await listen(createServer((socket) => socket.resume()));
  const endMs = performance.now() + seconds * 1000;
  let rounds = 0;
  let current = firstSeed;
  process.on('uncaughtException', (reason) => {
    console.error(`An uncaught error. Repeat it with FUZZ_SEED=${current}.`, reason);
    process.exit(1);
  });
  do {
    current = (firstSeed + rounds) % MAX_SEED;
    await fuzzOnce(current, port);
    rounds++;
  } while (performance.now() < endMs);
  endLoopback();
  console.log(`${rounds} rounds without a failure`);
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
