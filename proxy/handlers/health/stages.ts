/**
 * The stages of Save & Test, each of which proves one more thing than the one before.
 */
import { type ErrorCode } from '../../errors/catalogue';
import { ProxyError } from '../../errors/proxy-error';
import { readMessageHeader } from '../../arrow-ipc/read-message';
import { type FlightMessage } from '../../flight-sql/flight-sql-client';
import { tokenInWords, tokenProblem } from '../../oidc/token-problems';
import { type AccessToken } from '../../oidc/token-source';
import { type HealthCall, type HealthInstance } from './health-instance';
import { type HealthReport } from './health-report';
import { explainRefusal } from './refused-token';
import { acceptedText, addressText, attributionText, plaintextWarnings } from './words';

export interface StageContext {
  report: HealthReport;
  instance: HealthInstance;
  call: HealthCall;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Errors of a statement: the server got past the sign-in to report them. */
const STATEMENT_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_invalid',
  'query_failed',
  'query_unsupported',
  'query_denied',
  'query_range_required',
  'server_resources',
  'result_malformed',
  'result_schema_changed',
]);

const CLOCK_ADVICE = 'Tokens may be refused before their time; set both clocks by a time server.';

/** Name look-up and TCP, then what answers there: TLS, or HTTP/2 in plain text. */
export async function connectionStages({ report, instance, call }: StageContext): Promise<void> {
  const { settings, client } = instance;
  await report.run('address', 'Address', async () => {
    await client.probe('address', call.signal);
    return { text: `${addressText(settings)} can be reached.`, value: undefined };
  });
  await report.run('tls', settings.secure ? 'TLS' : 'Connection without TLS', async () => {
    await client.probe('tls', call.signal);
    return {
      text: settings.secure ? "The server's certificate is trusted." : 'The server answers in HTTP/2.',
      warnings: plaintextWarnings(settings),
      value: undefined,
    };
  });
}

function tokenWarnings({ description, providerClockAheadMs = 0 }: AccessToken): string[] {
  const problem = tokenProblem(description);
  const warnings = problem === undefined ? [] : [`${problem.text} ${problem.advice}`];
  if (providerClockAheadMs !== 0) {
    const seconds = Math.round(Math.abs(providerClockAheadMs) / 1000);
    const direction = providerClockAheadMs > 0 ? 'ahead of' : 'behind';
    warnings.push(`The identity provider's clock is ${seconds} s ${direction} this machine's. ${CLOCK_ADVICE}`);
  }
  return warnings;
}

/** Discovery and a token, where the data source signs in with OAuth. */
export async function tokenStages({ report, instance, call, now }: StageContext): Promise<AccessToken | undefined> {
  const { tokenSource } = instance;
  if (tokenSource === undefined) {
    return undefined;
  }
  await report.run('discovery', 'Identity provider', async () => {
    const { tokenEndpoint } = await tokenSource.discover(call.signal);
    return { text: `The token endpoint is ${tokenEndpoint}.`, value: undefined };
  });
  return report.run('token', 'Access token', async () => {
    const token = await tokenSource.signIn(call.signal);
    return { text: `Received: ${tokenInWords(token, now())}.`, warnings: tokenWarnings(token), value: token };
  });
}

function rowsIn(message: FlightMessage): number {
  const header = readMessageHeader(message.header);
  return header.kind === 'batch' ? header.batch.length : 0;
}

/** A query with the same metadata as any other: it proves the sign-in, the attribution, and that queries run. */
export async function queryStages(context: StageContext, token: AccessToken | undefined): Promise<void> {
  const { report, instance, call, now } = context;
  const { settings } = instance;
  const startedMs = now();
  let acceptedMs: number | undefined;
  const accept = () => {
    acceptedMs = now();
    const text = `${acceptedText(settings)} ${attributionText(settings, token)}`;
    report.passed('server', 'Sign-in at the server', { text }, acceptedMs - startedMs);
  };
  try {
    let rows = 0;
    for await (const message of instance.execute('SELECT 1', call)) {
      if (acceptedMs === undefined) {
        accept();
      }
      rows += rowsIn(message);
    }
    if (rows !== 1) {
      throw new ProxyError('result_malformed', { detail: `SELECT 1 gave ${rows} rows instead of 1.` });
    }
  } catch (reason) {
    const error = ProxyError.from(reason);
    if (acceptedMs === undefined && !STATEMENT_ERRORS.has(error.code)) {
      throw report.failed('server', 'Sign-in at the server', explainRefusal(error, token, now()), now() - startedMs);
    }
    if (acceptedMs === undefined) {
      accept();
    }
    throw report.failed('query', 'Query', error, now() - startedMs);
  }
  report.passed('query', 'Query', { text: 'SELECT 1 gave one row.' }, now() - startedMs);
}

/** The list of tables. Returns how many there are. */
export function tablesStage({ report, instance, call }: StageContext): Promise<number> {
  return report.run('tables', 'Tables', async () => {
    let rows = 0;
    for await (const message of instance.getTables(call)) {
      rows += rowsIn(message);
    }
    const warnings = rows > 0 ? [] : ['There is nothing to query: the server lists no tables.'];
    return { text: `The server lists ${rows} ${rows === 1 ? 'table' : 'tables'}.`, warnings, value: rows };
  });
}
