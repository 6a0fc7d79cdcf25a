/** Runs the server in a process of its own, which sends the port to its parent process, and exits when the parent exits. */
import { startFlightServer } from './flight-server';

process.once('disconnect', () => process.exit(0));

startFlightServer().then(
  (port) => process.send?.({ port }),
  (reason: unknown) => {
    console.error(reason);
    process.exit(1);
  }
);
