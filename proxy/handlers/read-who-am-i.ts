/**
 * The route `who-am-i?check=<id>`: searches once for the audit record of a check's test query. The record shows who the
 * user is on the server. Requests contain no SQL, and the number and frequency of searches are limited.
 */
import { type RecordedIdentity, type WhoAmI } from '../../contract/resources/health';
import { message, type Message } from '../../contract/messages/message';
import { type WhoAmIPayload } from '../../contract/resources/resources';
import { TimeoutError, withLimits } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { type InstanceCall } from '../lakehouse/instances/instance';
import { findInAudit, type Ask } from './health/audit-log';
import { auditCheckOwner, type PendingAuditCheck, type PendingAuditChecks } from './health/pending-audit-checks';
import { identityParts, whoAmI } from './health/who-am-i';
import { type PluginContext } from '../query/plugin-request';

/** Time limit of one search in milliseconds. The query timeout of the data source may be shorter. */
const LIMIT_MS = 10_000;
/**
 * Pause in milliseconds between the first and the second search. A request during a pause starts no search, and gets
 * the state of the last search.
 */
const FIRST_PAUSE_MS = 500;
/** Growth of the pause after each search, as a fraction of `FIRST_PAUSE_MS`. */
const PAUSE_GROWTH = 0.25;
/** Maximum number of searches. With the pauses between them, they take about two minutes. */
const MAX_LOOKS = 40;

function isTooSoon({ looks, lastLookMs }: PendingAuditCheck, elapsedMs: number): boolean {
  return lastLookMs !== undefined && elapsedMs - lastLookMs < FIRST_PAUSE_MS * (1 + PAUSE_GROWTH * (looks - 1));
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof ProxyError && reason.code === 'query_timeout';
}

/**
 * Finds the test query of a check.
 *
 * @throws {ProxyError} 'admin_only'; 'check_unknown' for an unknown check, and for a check of another user.
 */
export function findAuditCheck(context: PluginContext, id: string, auditChecks: PendingAuditChecks): PendingAuditCheck {
  const owner = auditCheckOwner(context);
  if (owner === undefined) {
    throw new ProxyError('admin_only');
  }
  const auditCheck = auditChecks.find(owner, id);
  if (auditCheck === undefined) {
    throw new ProxyError('check_unknown');
  }
  return auditCheck;
}

/** Warns if the recorded identity differs from the expected identity. */
function warningsOf(
  { recorded: expected }: WhoAmI,
  recorded: RecordedIdentity,
  { kind }: PendingAuditCheck
): Message[] {
  // Only the server knows the user name of an API key.
  const isUserKnown = kind !== 'token' || expected.serviceAccount !== undefined;
  const differs = (isUserKnown && recorded.user !== expected.user) || recorded.name !== expected.name;
  return differs ? [message('record-differs', { expected: identityParts(expected) })] : [];
}

function foundPayload(auditCheck: PendingAuditCheck, recorded: RecordedIdentity): WhoAmIPayload & { status: 'found' } {
  const { caller, user, attribution } = auditCheck;
  const expected = whoAmI(caller, user, attribution);
  return {
    status: 'found',
    whoAmI: whoAmI(caller, user, attribution, recorded),
    warnings: warningsOf(expected, recorded, auditCheck),
  };
}

/**
 * Searches once for the audit record, and returns the record. Returns the state `pending` if the search does not find
 * the record or takes too long. Starts no search if the record is already known, during another search or a pause, or
 * after `MAX_LOOKS` searches.
 *
 * @param call The call of the requesting user: the record is read with the sign-in of that user.
 * @param elapsedMs Milliseconds of a monotonic clock.
 * @throws {ProxyError} if the audit log cannot be read.
 */
export async function readWhoAmI(
  auditCheck: PendingAuditCheck,
  execute: (sql: string, call: InstanceCall) => ReturnType<Ask>,
  call: InstanceCall,
  elapsedMs: () => number
): Promise<WhoAmIPayload> {
  if (auditCheck.found !== undefined) {
    return auditCheck.found;
  }
  if (auditCheck.isLooking || isTooSoon(auditCheck, elapsedMs()) || auditCheck.looks >= MAX_LOOKS) {
    return { status: 'pending', hasRecords: auditCheck.hasRecords };
  }
  auditCheck.isLooking = true;
  auditCheck.looks += 1;
  try {
    const finding = await withLimits({ limitMs: LIMIT_MS, signal: call.signal, awaitsWork: true }, async (signal) => {
      const ask: Ask = (sql, range) => execute(sql, { ...call, range, signal });
      try {
        return await findInAudit(ask, auditCheck.statement, auditCheck.hasRecords, call.memory);
      } catch (reason) {
        throw signal.reason instanceof TimeoutError ? signal.reason : reason;
      }
    });
    if (finding.kind === 'found') {
      const found = foundPayload(auditCheck, finding.recorded);
      auditCheck.found = found;
      return found;
    }
    auditCheck.hasRecords = finding.hasRecords;
    return { status: 'pending', hasRecords: finding.hasRecords };
  } catch (reason) {
    if (reason instanceof TimeoutError || isTimeout(call.deadline?.errorOf(reason) ?? reason)) {
      return { status: 'pending', hasRecords: auditCheck.hasRecords };
    }
    throw reason;
  } finally {
    auditCheck.isLooking = false;
    auditCheck.lastLookMs = elapsedMs();
  }
}
