/** The codes that the alert "Queries fail" does not count, from the catalogue of errors. */
import { ERRORS, type ErrorEntry } from '../../proxy/base/errors/catalogue';

/** The files with the alert, relative to `docs/`. */
export const ALERT_FILES = [
  '../provisioning/alerting/micromegas-backend.yaml',
  '../provisioning/prometheus/rules.yml',
] as const;

const CODES = /(micromegas_queries_total\{code!~"ok)[^"]*"/g;

/** The codes of failures that the author of the query mends, in the order of the catalogue. */
function authorCodes(): string[] {
  return Object.entries<ErrorEntry>(ERRORS).flatMap(([code, { mendedBy }]) => (mendedBy === 'author' ? [code] : []));
}

/** The file with the current codes. @throws {Error} If the file has no such alert. */
export function withAlertCodes(file: string): string {
  if (file.search(CODES) === -1) {
    throw new Error('The file has no expression micromegas_queries_total{code!~"ok|…"}.');
  }
  return file.replace(CODES, (_, begin: string) => `${[begin, ...authorCodes()].join('|')}"`);
}
