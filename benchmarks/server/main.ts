/**
 * Entry point of the benchmarks' Flight server, which runs in its own process. It sends the port to the parent process,
 * and exits when the parent exits.
 */
import { startFlightServer } from './flight-server';

process.once('disconnect', () => process.exit(0));

const [address = '127.0.0.1', port = '0'] = process.argv.slice(2);

startFlightServer(address, Number(port)).then(
  (bound) => process.send?.({ port: bound }),
  (reason: unknown) => {
    console.error(reason);
    process.exit(1);
  }
);
