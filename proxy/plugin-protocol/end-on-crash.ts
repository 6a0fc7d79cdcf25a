import { type Logger } from '../logging/logger';

/**
 * After an error that nobody caught the state is unknown: says so in one line that Grafana shows as an error (Node's own
 * text would count as debug), and ends the process, so that Grafana starts a new one.
 */
export function endOnCrash(process: NodeJS.Process, logger: Logger): void {
  const crash = (what: string) => (error: unknown) => {
    logger.error(`The proxy ends after ${what}`, { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash('an error that nobody caught'));
  process.on('unhandledRejection', crash('a failed promise that nobody caught'));
  // The readers of these pipes end with Grafana, which the proxy notices by other signs.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
}
