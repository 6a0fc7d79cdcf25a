/**
 * The route `who-am-i?check=<id>`: searches once for the audit record of a check's test query, which proves the user's
 * identity on the server. The route runs only SQL that it contains itself, and limits how often it searches.
 */
import { type RecordedIdentity, type WhoAmI } from '../../contract/resources/health';
import { message, type Message } from '../../contract/messages/message';
import { type WhoAmIPayload } from '../../contract/resources/resources';
import { TimedOut, withLimits } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { type InstanceCall } from '../lakehouse/instances/instance';
import { findInAudit, type Ask } from './health/audit-log';
import { type PendingProof, type PendingProofs, proofOwner } from './health/pending-proofs';
import { identityParts, whoAmI } from './health/who-am-i';
import { type PluginContext } from '../query/plugin-request';

/** Time limit of one search in milliseconds. */
const LIMIT_MS = 10_000;
/**
 * Pause in milliseconds before the second search. The pause grows with each search. Requests during a pause get the last
 * response.
 */
const FIRST_PAUSE_MS = 500;
const PAUSE_GROWTH = 0.25;
/** With the pauses between them, the searches take two minutes. */
const MAX_LOOKS = 40;

function isTooSoon({ looks, lastLookMs }: PendingProof, nowMs: number): boolean {
  return lastLookMs !== undefined && nowMs - lastLookMs < FIRST_PAUSE_MS * (1 + PAUSE_GROWTH * (looks - 1));
}

/** @throws {ProxyError} 'admin_only'; 'check_unknown' for an unknown check, and for a check of another user. */
export function findProof(context: PluginContext, id: string, proofs: PendingProofs): PendingProof {
  const owner = proofOwner(context);
  if (owner === undefined) {
    throw new ProxyError('admin_only');
  }
  const proof = proofs.find(owner, id);
  if (proof === undefined) {
    throw new ProxyError('check_unknown');
  }
  return proof;
}

/** Warns if the recorded identity differs from the expected one. */
function warningsOf({ recorded: expected }: WhoAmI, recorded: RecordedIdentity, { kind }: PendingProof): Message[] {
  // Only the server knows the user name of an API key.
  const isUserKnown = kind !== 'token' || expected.serviceAccount !== undefined;
  const differs = (isUserKnown && recorded.user !== expected.user) || recorded.name !== expected.name;
  return differs ? [message('record-differs', { expected: identityParts(expected) })] : [];
}

function foundPayload(proof: PendingProof, recorded: RecordedIdentity): WhoAmIPayload & { status: 'found' } {
  const { caller, user, attribution } = proof;
  const expected = whoAmI(caller, user, attribution);
  return {
    status: 'found',
    whoAmI: whoAmI(caller, user, attribution, recorded),
    warnings: warningsOf(expected, recorded, proof),
  };
}

/**
 * Searches once, unless a search is in progress or has just ended.
 *
 * @param call The call of the requesting user: the record is read with the sign-in of that user.
 * @param now Milliseconds since 1970.
 * @throws {ProxyError} if the audit log cannot be read.
 */
export async function readWhoAmI(
  proof: PendingProof,
  execute: (sql: string, call: InstanceCall) => ReturnType<Ask>,
  call: InstanceCall,
  now: () => number
): Promise<WhoAmIPayload> {
  if (proof.found !== undefined) {
    return proof.found;
  }
  if (proof.isLooking || isTooSoon(proof, now()) || proof.looks >= MAX_LOOKS) {
    return { status: 'pending', hasRecords: proof.hasRecords };
  }
  proof.isLooking = true;
  proof.looks += 1;
  try {
    const finding = await withLimits({ limitMs: LIMIT_MS, signal: call.signal, awaitsWork: true }, async (signal) => {
      const ask: Ask = (sql, range) => execute(sql, { ...call, range, signal });
      try {
        return await findInAudit(ask, proof.statement, proof.hasRecords, call.memory);
      } catch (reason) {
        throw signal.reason instanceof TimedOut ? signal.reason : reason;
      }
    });
    if (finding.kind === 'found') {
      const found = foundPayload(proof, finding.recorded);
      proof.found = found;
      return found;
    }
    proof.hasRecords = finding.hasRecords;
    return { status: 'pending', hasRecords: finding.hasRecords };
  } catch (reason) {
    if (reason instanceof TimedOut) {
      return { status: 'pending', hasRecords: proof.hasRecords };
    }
    throw reason;
  } finally {
    proof.isLooking = false;
    proof.lastLookMs = now();
  }
}
