/**
 * Save & Test: goes the way of a query step by step, and says of each step what was tried and how it went. It stops at the
 * first that fails, and calls nothing good that it did not try.
 */
import { addressText } from '../../contract/host';
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { type MemoryBudget } from '../memory/memory-budget';
import { type Metrics } from '../metrics/metrics';
import { callerOf } from './caller';
import { AUDIT_TABLE } from './health/audit-log';
import { connectionStages } from './health/connection-stages';
import { type HealthCall, type HealthInstance, type HealthInstanceStore } from './health/health-instance';
import { HealthReport } from './health/health-report';
import { type PendingProofs, proofOwner, type TestQuery } from './health/pending-proofs';
import { briefResult, mayKnowDetails } from './health/readers';
import { type StageContext } from './health/stage-context';
import { statementStages, type TestStatement } from './health/statement-stages';
import { tokenStages } from './health/token-stages';
import { type SeenToken } from './health/token-words';
import { trialsOf, type Trial, type Trials } from './health/trials';
import { whoAmI } from './health/who-am-i';
import { callerOfTrial, whoAmIText } from './health/who-am-i-text';
import { countText, firstSentence, signInKind } from './health/words';
import { type CheckHealthRequest, type CheckHealthResult } from './plugin-request';
import { readTableNames } from './read-tables';

export interface CheckHealthDeps {
  memory: MemoryBudget;
  store: HealthInstanceStore;
  metrics: Pick<Metrics, 'healthChecked'>;
  proofs: PendingProofs;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

interface Lease {
  instance: HealthInstance;
  release(): void;
}

/** A sign-in that the server accepted. */
interface Passed {
  trial: Trial;
  seen: SeenToken | undefined;
  statement: TestStatement;
}

const NO_TABLE_LIST =
  'The editor completes no names of tables and columns, because the server does not implement the Flight SQL command GetTables; queries run. Update the server, or type the names by hand.';

function settingsStage(report: HealthReport, request: CheckHealthRequest, store: HealthInstanceStore): Promise<Lease> {
  return report.run({ name: 'settings', title: 'Settings', tried: 'reading what was saved' }, () => {
    const { dataSource } = request.context;
    if (dataSource === undefined) {
      throw new ProxyError('settings_invalid', { detail: 'Grafana sent no data source with the request.' });
    }
    const lease = store.acquire(dataSource);
    const { settings } = lease.instance;
    const tls = settings.server.tls === undefined ? 'no TLS' : 'TLS';
    const text = `${addressText(settings.server.host, settings.server.port)}, ${tls}, ${signInKind(settings)}.`;
    return Promise.resolve({ text, warnings: settings.warnings, value: lease });
  });
}

/** Sign-in and query of one trial. */
async function passTrial(context: StageContext, trial: Trial): Promise<Passed> {
  const seen = await tokenStages(context, trial);
  return { trial, seen, statement: await statementStages(context, trial, seen) };
}

/** All trials, for one sign-in tells nothing of the other. @throws {ProxyError} of the first that failed. */
async function passTrials(context: StageContext, trials: Trials): Promise<readonly [Passed, ...Passed[]]> {
  const passed: Passed[] = [];
  let failure: ProxyError | undefined;
  for (const trial of trials) {
    try {
      passed.push(await passTrial(context, trial));
    } catch (reason) {
      failure ??= ProxyError.from(reason);
    }
  }
  const [first, ...others] = passed;
  if (failure !== undefined || first === undefined) {
    throw failure ?? new ProxyError('internal');
  }
  return [first, ...others];
}

/** The trials, or a failed stage when a user's own token is needed and there is none. */
function trialsStage({ report, instance, now }: StageContext, call: HealthCall): Trials {
  try {
    return trialsOf(instance, call, now());
  } catch (reason) {
    const heading = { name: 'token', title: 'Your OAuth identity', tried: 'token sent along by Grafana' } as const;
    throw report.failed(heading, reason, 0);
  }
}

/** The names of the tables; undefined when the server does not support GetTables. Queries do not need the list. */
function tablesStage({ report, instance }: StageContext, call: HealthCall): Promise<string[] | undefined> {
  return report.run({ name: 'tables', title: 'Tables', tried: 'GetTables' }, async () => {
    try {
      const names = await readTableNames(instance.getTables(call), call.memory);
      const warnings = names.length > 0 ? [] : ['There is nothing to query: the server lists no tables.'];
      return { text: `The server lists ${countText(names.length, 'table', 'tables')}.`, warnings, value: names };
    } catch (reason) {
      if (reason instanceof ProxyError && reason.code === 'tables_unsupported') {
        return { text: reason.message, warnings: [NO_TABLE_LIST], value: undefined };
      }
      throw reason;
    }
  });
}

function subjectText(seen: SeenToken | undefined): string {
  const { subject, issuer } = seen?.token.description ?? {};
  return `${subject ? ` as ${subject}` : ''}${issuer ? ` of ${issuer}` : ''}`;
}

/** How the data source signs in, as it stands in the result. */
function signInText([{ trial, seen }, standIn]: readonly [Passed, ...Passed[]]): string {
  switch (trial.kind) {
    case 'none':
      return 'no sign-in';
    case 'token':
      return 'signed in with API key';
    case 'service-account':
      return `signed in with OAuth${subjectText(seen)}`;
    case 'forwarded': {
      const own = `signed in with your own OAuth identity${subjectText(seen)}`;
      return standIn === undefined
        ? own
        : `${own}, and with OAuth${subjectText(standIn.seen)} where a user has no token`;
    }
  }
}

/** Runs the stages after the settings. Returns the sentences of the result. */
async function connectedText(context: StageContext, call: HealthCall): Promise<string> {
  const { report, instance } = context;
  await connectionStages(context);
  const all = await passTrials(context, trialsStage(context, call));
  const [{ trial, seen, statement }] = all;
  const tables = await tablesStage(context, call);
  const caller = callerOfTrial(trial.kind, seen?.token.description, statement.isOpen);
  const who = whoAmI(caller, call.user, statement.attribution);
  // Without a list of tables, the audit log may be there all the same.
  const isAuditPossible = tables?.includes(AUDIT_TABLE) ?? true;
  const checkId = isAuditPossible
    ? context.keepProof({ statement, kind: trial.kind, caller, user: call.user, attribution: statement.attribution })
    : undefined;
  report.tell({ whoAmI: { ...who, ...(checkId !== undefined && { checkId }) } });
  const { host, port } = instance.settings.server;
  const count = tables === undefined ? 'no list of tables' : countText(tables.length, 'table', 'tables');
  return `Connected to ${addressText(host, port)}, ${signInText(all)}; ${count}. ${whoAmIText(who, trial.kind, call.user)}`;
}

/** True when the text already has what the warning begins with: a broken rule is warned of before it is the cause. */
function says(text: string, warning: string): boolean {
  return text.includes(firstSentence(warning));
}

function failedResult(report: HealthReport, { code, summary, detail, advice }: ProxyError): CheckHealthResult {
  const cause = [detail, advice].filter((text) => text !== undefined).join(' ');
  // Grafana shows the message as a title and the details below it. The warnings of earlier stages may be the cause of a
  // later failure.
  const others = report.warnings.filter((warning) => !says(cause, warning));
  return { status: 'error', message: summary, details: { ...report.details([cause, ...others].join(' ')), code } };
}

function logFailure(logger: Logger, error: ProxyError): void {
  if (error.code === 'internal') {
    logger.error('health check failed unexpectedly', { cause: error.cause });
  } else {
    logger.info('health check failed', { code: error.code });
    // The server's words may name the user.
    logger.debug('health check failed', { code: error.code, detail: error.detail, cause: error.cause });
  }
}

/**
 * Checks a data source. Never rejects: what fails is the result. Viewers, and whoever is no user of Grafana, are told the
 * result only, without names and addresses.
 */
export async function checkHealth(
  request: CheckHealthRequest,
  deps: CheckHealthDeps,
  signal: AbortSignal
): Promise<CheckHealthResult> {
  const { now } = deps;
  const report = new HealthReport(now);
  const isThorough = mayKnowDetails(request.context.user);
  const owner = proofOwner(request.context);
  const keepProof = (query: TestQuery) => (owner === undefined ? undefined : deps.proofs.add(owner, query));
  const memory = deps.memory.open({ signal });
  let lease: Lease | undefined;
  let result: CheckHealthResult;
  try {
    lease = await settingsStage(report, request, deps.store);
    const call = { ...callerOf(request.context.user, request.headers, 'health'), signal, memory };
    const text = await connectedText(
      { report, instance: lease.instance, now, signal, memory, isThorough, keepProof },
      call
    );
    const message = [text, ...report.warnings].join(' ');
    result = { status: 'ok', message, details: report.details(message) };
  } catch (reason) {
    const error = ProxyError.from(reason);
    logFailure(deps.logger, error);
    result = failedResult(report, error);
  } finally {
    memory.close();
    lease?.release();
  }
  deps.metrics.healthChecked(result.status);
  return isThorough ? result : briefResult(result);
}
