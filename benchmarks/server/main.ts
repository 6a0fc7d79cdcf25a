/** Runs the server in a process of its own. This process sends the port of the server to its parent, and exits when the parent exits. */
import { startFlightServer } from './flight-server';

process.once('disconnect', () => process.exit(0));

startFlightServer().then(
  (port) => process.send?.({ port }),
  (reason: unknown) => {
    console.error(reason);
    process.exit(1);
  }
);
