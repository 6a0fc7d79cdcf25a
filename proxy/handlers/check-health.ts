/**
 * Save & test: runs the steps of a query one by one, and reports for each step what it tried and its result. The check
 * ends at the first step that fails. If queries may use either of two sign-ins, the check tries both, even if the first
 * sign-in fails.
 */
import { message, type Message } from '../../contract/messages/message';
import { type Environment } from '../base/environment';
import { ProxyError } from '../base/errors/proxy-error';
import { type Logger } from '../observe/logging/logger';
import { keyOf } from '../lakehouse/instances/saved-data-source';
import { type OperatorPolicy } from '../lakehouse/operator/operator-policy';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type Metrics } from '../observe/metrics/metrics';
import { tracedLogger } from '../observe/telemetry/trace-context';
import { callerOf } from '../query/caller';
import { adminStage } from './health/admin-stage';
import { audiencesStage } from './health/audiences-stage';
import { AUDIT_TABLE } from './health/audit-log';
import {
  type HealthCall,
  type HealthInstanceStore,
  type StageContext,
  type SignInAttempt,
  type SignInAttempts,
  signInAttempts,
} from './health/check-context';
import { connectionStages, type HealthInstanceHandle, serverAddress, settingsStage } from './health/connection-stages';
import { briefResult, HealthReport, type Warning } from './health/health-report';
import { memoryLimitStage } from './health/memory-limit-stage';
import { auditCheckOwner, type PendingAuditChecks, type TestQuery } from './health/pending-audit-checks';
import { settleOwnToken, statementStages, type TestStatement } from './health/statement-stages';
import { type SeenToken, tokenStages } from './health/token-stages';
import { callerOfAttempt, whoAmI, whoAmIMessage } from './health/who-am-i';
import { type CheckHealthRequest, type CheckHealthResult, type PluginContext } from '../query/plugin-request';
import { readTableNames } from '../query/read-tables';
import { mayKnowDetails } from '../query/may-know-details';

interface CheckHealthDeps {
  memory: MemoryBudget;
  store: HealthInstanceStore;
  policy: Pick<OperatorPolicy, 'restrictions'>;
  metrics: Pick<Metrics, 'healthChecked'>;
  auditChecks: PendingAuditChecks;
  logger: Logger;
  /** Environment variables of the process. */
  environment: Environment;
  /** Called with the result before details are removed for the user. */
  onChecked?: (context: PluginContext, result: CheckHealthResult) => void;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** A sign-in that the server accepted. */
interface Passed {
  attempt: SignInAttempt;
  seen: SeenToken | undefined;
  statement: TestStatement;
}

/**
 * The accepted sign-ins, at least one. If there are two, the second one is the service account, which users without a
 * token use.
 */
type AllPassed = readonly [Passed, ...Passed[]];

/** Runs the stages of one attempt: sign-in and query. */
async function passAttempt(context: StageContext, attempt: SignInAttempt): Promise<Passed> {
  const seen = await tokenStages(context, attempt);
  return { attempt, seen, statement: await statementStages(context, attempt, seen) };
}

/**
 * Runs all attempts, even after a failure, so that the report has the stages of each attempt.
 * @throws {ProxyError} The error of the first attempt that failed.
 */
async function passAttempts(context: StageContext, attempts: SignInAttempts): Promise<AllPassed> {
  const passed: Passed[] = [];
  let failure: ProxyError | undefined;
  for (const attempt of attempts) {
    try {
      passed.push(await passAttempt(context, attempt));
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

/** The sign-ins to try. Records a failed stage if the user's token is needed but missing. */
async function attemptsStage(context: StageContext, call: HealthCall): Promise<SignInAttempts> {
  const { report, instance, now } = context;
  try {
    await settleOwnToken(context, call);
    return signInAttempts(instance, call, now());
  } catch (reason) {
    const heading = { name: 'token', title: message('stage-own-token'), tried: message('tried-forwarded') } as const;
    throw report.failed(heading, reason, 0);
  }
}

/** The names of the tables. Undefined if the server does not support GetTables. Queries do not need GetTables. */
function tablesStage({ report, instance }: StageContext, call: HealthCall): Promise<string[] | undefined> {
  const heading = { name: 'tables', title: message('stage-tables'), tried: message('tried-tables') } as const;
  return report.run(heading, async () => {
    try {
      const names = await readTableNames(instance.getTables(call), call.memory);
      const count = names.length;
      const warnings: Warning[] = count > 0 ? [] : [[message('no-tables')]];
      const messages = [message(count === 1 ? 'tables-one' : 'tables-many', { count })];
      return { text: messages, warnings, value: names };
    } catch (reason) {
      if (reason instanceof ProxyError && reason.code === 'tables_unsupported') {
        return { text: reason.failureMessages, warnings: [[message('no-table-list')]], value: undefined };
      }
      throw reason;
    }
  });
}

function subjectMessage(seen: SeenToken | undefined): Message {
  const { subject, issuer } = seen?.token.description ?? {};
  if (subject) {
    return issuer ? message('subject-of-issuer', { subject, issuer }) : message('subject-only', { subject });
  }
  return issuer ? message('issuer-only', { issuer }) : message('subject-unknown');
}

/** The message about the sign-in of the data source. */
function signedInMessage([{ attempt, seen }, standIn]: AllPassed): Message {
  const subject = subjectMessage(seen);
  switch (attempt.kind) {
    case 'none':
      return message('connected-none');
    case 'token':
      return message('connected-token');
    case 'service-account':
      return message('connected-oauth', { subject });
    case 'forwarded':
      return standIn === undefined
        ? message('connected-forwarded', { subject })
        : message('connected-forwarded-and-oauth', { subject, other: subjectMessage(standIn.seen) });
  }
}

function countMessage(tables: readonly string[] | undefined): Message {
  if (tables === undefined) {
    return message('count-unknown');
  }
  return message(tables.length === 1 ? 'count-table' : 'count-tables', { count: tables.length });
}

/** Runs all stages after the stage of the settings. Returns the messages that summarize a check that passed. */
async function connect(context: StageContext, call: HealthCall): Promise<Message[]> {
  const { report, instance, keepAuditCheck } = context;
  await connectionStages(context);
  const all = await passAttempts(context, await attemptsStage(context, call));
  const [{ attempt, seen, statement }] = all;
  const { attribution } = statement;
  const tables = await tablesStage(context, call);
  const account = all.find((each) => each.attempt.kind !== 'forwarded') ?? all[0];
  const isAdmin = await adminStage(context, account.attempt, account.statement.isOpen);
  if (!account.statement.isOpen && account.attempt.kind !== 'none') {
    await audiencesStage(context, account.attempt, isAdmin);
  }
  await memoryLimitStage(context, account.attempt.call);
  const caller = callerOfAttempt(attempt.kind, seen?.token.description, statement.isOpen);
  const who = whoAmI(caller, call.user, attribution);
  // A server that does not list its tables may still have the audit log.
  const isAuditPossible = tables?.includes(AUDIT_TABLE) ?? true;
  const auditCheck = { statement, kind: attempt.kind, caller, user: call.user, attribution };
  const checkId = isAuditPossible ? keepAuditCheck(auditCheck) : undefined;
  report.add({ whoAmI: { ...who, ...(checkId !== undefined && { checkId }) } });
  const address = serverAddress(instance.settings);
  return [
    message('connected', { address, signIn: signedInMessage(all), tables: countMessage(tables) }),
    whoAmIMessage(who, attempt.kind, call.user),
  ];
}

function logFailure(logger: Logger, error: ProxyError): void {
  if (error.code === 'internal') {
    logger.error('health check failed unexpectedly', { cause: error.cause });
  } else {
    logger.info('health check failed', { code: error.code });
    // The level is debug, because the server's message may contain the name of the user.
    logger.debug('health check failed', { code: error.code, detail: error.logDetail, cause: error.cause });
  }
}

/**
 * Checks a data source, and returns the result. Never rejects: a failure is a result with the status `error`. Users who
 * are not admins get a result without names and addresses.
 */
export async function checkHealth(
  request: CheckHealthRequest,
  deps: CheckHealthDeps,
  signal: AbortSignal
): Promise<CheckHealthResult> {
  const { now, elapsedMs, environment } = deps;
  const report = new HealthReport(elapsedMs);
  const isThorough = mayKnowDetails(request.context.user);
  const owner = auditCheckOwner(request.context);
  const keepAuditCheck = (query: TestQuery) => (owner === undefined ? undefined : deps.auditChecks.add(owner, query));
  const memory = deps.memory.open({ signal });
  let handle: HealthInstanceHandle | undefined;
  let result: CheckHealthResult;
  try {
    handle = await settingsStage(report, request, deps);
    const { context: asked, headers, trace } = request;
    const call = { ...callerOf(asked.user, headers, 'health'), trace, signal, memory };
    const { instance } = handle;
    const clocks = { now, elapsedMs };
    const dataSource = asked.dataSource === undefined ? '' : keyOf(asked.dataSource);
    const context = {
      report,
      dataSource,
      instance,
      environment,
      ...clocks,
      signal,
      memory,
      isThorough,
      keepAuditCheck,
    };
    result = report.success(await connect(context, call));
  } catch (reason) {
    const error = ProxyError.from(reason);
    logFailure(tracedLogger(deps.logger, request.trace), error);
    result = report.failure(error);
  } finally {
    memory.close();
    handle?.release();
  }
  deps.metrics.healthChecked(result.status);
  deps.onChecked?.(request.context, result);
  return isThorough ? result : briefResult(result);
}
