/**
 * Caches the test queries of recent checks, whose audit records can be read later. Each query has a random id, and
 * belongs to the person who ran the check, to the data source, and to the version of its settings. Nobody else can read
 * the audit record of the query, and the id contains no SQL.
 */
import { StringMap } from '../../../contract/string-map';
import { randomBytes } from 'node:crypto';
import { type WhoAmIPayload } from '../../../contract/resources/resources';
import { type AttributionMode, type CallUser } from '../../lakehouse/flight-sql/flight-sql-client';
import { versionOf } from '../../lakehouse/instances/saved-data-source';
import { personOf } from '../../query/caller';
import { type PluginContext } from '../../query/plugin-request';
import { isSignedInAdmin } from '../../query/readers';
import { type AuditedStatement } from './audit-log';
import { type ServerCaller, type SignInKind } from './who-am-i';

const KEPT_MS = 5 * 60_000;
/**
 * Maximum number of queries of all users together, and of one user with one data source. Beyond a maximum, the oldest
 * query is dropped.
 */
const MAX_CHECKS = 200;
const MAX_CHECKS_OF_ONE = 5;
const ID_BYTES = 16;

/** A test query, and the values with which its audit record is compared. */
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
  /** Time of the last search in milliseconds since 1970; undefined before the first search. */
  lastLookMs: number | undefined;
  /** True during a search. Only one search runs at a time. */
  isLooking: boolean;
  /** True if the audit log has records of other queries. */
  hasRecords: boolean;
  /** The record, once it was found. Later searches return it without a statement. */
  found: (WhoAmIPayload & { status: 'found' }) | undefined;
}

/** Equal for the same person, data source and settings. Undefined for a person who may not read records. */
export function auditCheckOwner({ dataSource, user }: PluginContext): string | undefined {
  const person = isSignedInAdmin(user) ? personOf(user) : undefined;
  return person === undefined || dataSource === undefined
    ? undefined
    : JSON.stringify([dataSource.grafanaUrl, dataSource.orgId, dataSource.uid, versionOf(dataSource), person.login]);
}

/** One per process. Bounded in number and time. */
export class PendingAuditChecks {
  readonly #now: () => number;
  /** By id, the oldest first. */
  readonly #auditChecks = new StringMap<{ owner: string; addedMs: number; auditCheck: PendingAuditCheck }>();

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns The id, with which the owner finds the query. */
  add(owner: string, query: TestQuery): string {
    this.#dropExpired();
    const own = [...this.#auditChecks].filter(([, kept]) => kept.owner === owner).map(([id]) => id);
    const [oldest] =
      own.length >= MAX_CHECKS_OF_ONE ? own : this.#auditChecks.size >= MAX_CHECKS ? this.#auditChecks.keys() : [];
    if (oldest !== undefined) {
      this.#auditChecks.delete(oldest);
    }
    const id = randomBytes(ID_BYTES).toString('base64url');
    const state = { looks: 0, lastLookMs: undefined, isLooking: false, hasRecords: false, found: undefined };
    this.#auditChecks.set(id, { owner, addedMs: this.#now(), auditCheck: { ...query, ...state } });
    return id;
  }

  /** Undefined for an id that is unknown, has expired, or belongs to somebody else. */
  find(owner: string, id: string): PendingAuditCheck | undefined {
    this.#dropExpired();
    const kept = this.#auditChecks.get(id);
    return kept?.owner === owner ? kept.auditCheck : undefined;
  }

  #dropExpired(): void {
    const nowMs = this.#now();
    for (const [id, { addedMs }] of this.#auditChecks) {
      if (nowMs - addedMs >= KEPT_MS) {
        this.#auditChecks.delete(id);
      }
    }
  }
}
