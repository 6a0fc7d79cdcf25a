/**
 * The route `who-am-i?check=<id>`: one look for the audit record of a check's test query, which proves who the asking
 * user is to the server. It runs no SQL but its own, and asks the server no more often than a person needs.
 */
import { type RecordedIdentity, type WhoAmI } from '../../contract/health';
import { type WhoAmIPayload } from '../../contract/resources';
import { TimedOut, withLimits } from '../async/with-limits';
import { ProxyError } from '../errors/proxy-error';
import { type InstanceCall } from '../instances/instance';
import { findInAudit, type Ask } from './health/audit-log';
import { type PendingProof, type PendingProofs, proofOwner } from './health/pending-proofs';
import { whoAmI } from './health/who-am-i';
import { identityInWords } from './health/who-am-i-text';
import { type PluginContext } from './plugin-request';

/** Milliseconds that one look may take. */
const LIMIT_MS = 10_000;
/** Between the first two looks for the same record, growing from look to look; who asks sooner gets the last answer. */
const FIRST_PAUSE_MS = 500;
const PAUSE_GROWTH = 0.25;
/** With the pauses between them, they take two minutes. */
const MAX_LOOKS = 40;

function isTooSoon({ looks, lastLookMs }: PendingProof, nowMs: number): boolean {
  return lastLookMs !== undefined && nowMs - lastLookMs < FIRST_PAUSE_MS * (1 + PAUSE_GROWTH * (looks - 1));
}

/** @throws {ProxyError} `admin_only`, or `check_unknown`, also for the check of somebody else. */
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

/** Differences that somebody should know of: values that came to be on the way, or by rules that are not known here. */
function warningsOf({ recorded: expected }: WhoAmI, recorded: RecordedIdentity, { kind }: PendingProof): string[] {
  // What the server calls an API key is known to nobody else.
  const isUserKnown = kind !== 'token' || expected.serviceAccount !== undefined;
  const differs = (isUserKnown && recorded.user !== expected.user) || recorded.name !== expected.name;
  return differs
    ? [
        `The record differs from what was to be expected (${identityInWords(expected)}). Either something between Grafana and the server changes the x-user headers, or the server has rules of its own.`,
      ]
    : [];
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
 * Looks once, unless a look is under way or was taken a moment ago.
 *
 * @param call Of the person who asks: the record is read with that person's own sign-in.
 * @param now Milliseconds since 1970.
 * @throws {ProxyError} when the audit log cannot be read.
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
