import { type Cleanup } from './checklist';

/** Runs the cleanup and exits with code 130 when the process gets a signal to stop. */
export function stopOnSignals(cleanup: Cleanup, say: (line: string) => void): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // The terminal and npm each send the signal, so it can arrive twice.
    if (!isStopping) {
      isStopping = true;
      say(`${signal}: stopping.`);
      void cleanup.run().finally(() => process.exit(130));
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
