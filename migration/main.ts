/**
 * The migration report is kept until one release after 1.0.
 *
 * `migration-report.cjs URL [--json]`: reports what changes for the data sources, dashboards and alert rules of a
 * Grafana when this plugin replaces the Go plugin. The command changes nothing.
 *
 * The credentials are in environment variables, because other users of the machine can read command lines:
 * GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD.
 *
 * Exit code 0: nothing needs an action. 1: something needs an action, or could not be read. 2: the report could not be
 * made.
 */
import { foreignString } from '../proxy/base/errors/foreign-string';
import { type Environment } from '../proxy/base/environment';
import { GrafanaApi, GrafanaError } from './grafana-api';
import { readReport } from './read-report';
import { needsAction, reportJson, formatReport } from './report';

const USAGE = `Usage: GRAFANA_TOKEN=... gpx_micromegas_<os>_<arch> --migration-report URL [--json]

Reports what changes for the Micromegas data sources, dashboards and alert rules of a Grafana when this plugin takes the place of the
Go plugin. The command only reads. Use the token of a service account with the role Admin, or GRAFANA_USER and GRAFANA_PASSWORD.
The report covers the organization of the account.
`;

function authorizationOf({
  GRAFANA_TOKEN: token,
  GRAFANA_USER: user,
  GRAFANA_PASSWORD: password,
}: Environment): string {
  if (token !== undefined && token.trim() !== '') {
    return `Bearer ${token.trim()}`;
  }
  if (user !== undefined && password !== undefined) {
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  throw new GrafanaError('Set GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD, in the environment.');
}

async function main(args: readonly string[], env: Environment): Promise<number> {
  const options = args.filter((arg) => arg.startsWith('-'));
  const [url, ...more] = args.filter((arg) => !arg.startsWith('-'));
  if (url === undefined || more.length > 0 || options.some((option) => option !== '--json')) {
    process.stderr.write(USAGE);
    return options.includes('--help') ? 0 : 2;
  }
  try {
    const report = await readReport(new GrafanaApi({ url, authorization: authorizationOf(env) }));
    process.stdout.write(options.includes('--json') ? reportJson(report) : formatReport(report));
    return needsAction(report) ? 1 : 0;
  } catch (reason) {
    const output =
      reason instanceof GrafanaError
        ? reason.message
        : `The report could not be made: ${foreignString(String(reason))}`;
    process.stderr.write(`${output}\n`);
    return 2;
  }
}

// The executable of the plugin runs this file if it gets the option `--migration-report`.
const args = process.argv.slice(2).filter((arg) => arg !== '--migration-report');

void main(args, process.env).then((code) => {
  process.exitCode = code;
});
