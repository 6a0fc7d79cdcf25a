/** The server in a process of its own. Tells its parent the port, and ends with it. */
import { startFlightServer } from './flight-server';

process.once('disconnect', () => process.exit(0));

startFlightServer().then(
  (port) => process.send?.({ port }),
  (reason: unknown) => {
    console.error(reason);
    process.exit(1);
  }
);
