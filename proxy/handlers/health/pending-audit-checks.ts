/**
 * Keeps the test queries of recent runs of Save & test, so that the route `who-am-i` can read their audit records
 * later. Each query has a random id, which contains no SQL. Only the person who ran the check can use the id, and only
 * for the same data source with the same settings.
 */
import { Cache } from '../../../contract/cache';
import { randomBytes } from 'node:crypto';
import { type WhoAmIPayload } from '../../../contract/resources/resources';
import { type AttributionMode, type CallUser } from '../../lakehouse/flight-sql/flight-sql-client';
import { versionOf } from '../../lakehouse/instances/saved-data-source';
import { personOf } from '../../query/caller';
import { type PluginContext } from '../../query/plugin-request';
import { isSignedInAdmin } from '../../query/may-know-details';
import { type AuditedStatement } from './audit-log';
import { type ServerCaller, type SignInKind } from './who-am-i';

/** Time for which a test query is kept, in milliseconds. */
const KEPT_MS = 5 * 60_000;
/** Maximum number of pairs of a user and a data source. */
const MAX_OWNERS = 200;
/** Maximum number of queries of one user and data source. */
const MAX_CHECKS_OF_ONE = 5;
/** Number of random bytes of an id. */
const ID_BYTES = 16;

/** A test query, and the expected values of its audit record. */
export interface TestQuery {
  readonly statement: AuditedStatement;
  readonly kind: SignInKind;
  readonly caller: ServerCaller;
  readonly user: CallUser | undefined;
  readonly attribution: AttributionMode;
}

/** A test query, and the state of the search for its record. */
export interface PendingAuditCheck extends TestQuery {
  /** The number of searches so far. */
  looks: number;
  /** Time of the last search in milliseconds of a monotonic clock; undefined before the first search. */
  lastLookMs: number | undefined;
  /** True during a search. Only one search runs at a time. */
  isLooking: boolean;
  /** True if the audit log has records of other queries. */
  hasRecords: boolean;
  /** The record. Undefined until it is found. Later requests return the record without another search. */
  found: (WhoAmIPayload & { status: 'found' }) | undefined;
}

/**
 * A key that is equal for the same person, data source and settings. Undefined for a person who may not read records.
 */
export function auditCheckOwner({ dataSource, user }: PluginContext): string | undefined {
  const person = isSignedInAdmin(user) ? personOf(user) : undefined;
  return person === undefined || dataSource === undefined
    ? undefined
    : JSON.stringify([dataSource.grafanaUrl, dataSource.orgId, dataSource.uid, versionOf(dataSource), person.login]);
}

/** The test queries of all checks of the process. Their number and their lifetime are limited. */
export class PendingAuditChecks {
  readonly #elapsedMs: () => number;
  /** The checks by owner, and by id. */
  readonly #owners = new Cache<Cache<PendingAuditCheck>>({ maxSize: MAX_OWNERS });

  /** @param elapsedMs Milliseconds of a monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** @returns The id that `find` needs. */
  add(owner: string, query: TestQuery): string {
    const own =
      this.#owners.get(owner) ?? new Cache({ maxSize: MAX_CHECKS_OF_ONE, ageMs: KEPT_MS, now: this.#elapsedMs });
    this.#owners.set(owner, own);
    const id = randomBytes(ID_BYTES).toString('base64url');
    const state = { looks: 0, lastLookMs: undefined, isLooking: false, hasRecords: false, found: undefined };
    own.set(id, { ...query, ...state });
    return id;
  }

  /** Finds a query. Undefined for an id that is unknown, has expired, or belongs to another owner. */
  find(owner: string, id: string): PendingAuditCheck | undefined {
    return this.#owners.get(owner)?.get(id);
  }
}
