/**
 * The arrival times of the newest data of all processes, for the panels of dashboards. One statement serves all panels
 * and all tables. Its result is kept over refreshes, for the user and the data source.
 */
import { StringMap } from '../../../contract/string-map';
import { type Instance, ownerOf } from '../../lakehouse/instances/instance';
import { type ArrivalsCall, type ArrivalsDeps, askArrivals, callerKey, type PendingArrivals } from './ask-arrivals';

/** A user sends at most one statement to a data source in this number of milliseconds, also if the statement fails. */
const ASK_EVERY_MS = 60_000;
/** Maximum number of users of a data source whose arrival times are kept. Further users get no notices. */
const MAX_USERS = 1000;

const ALL_PROCESSES = { process_id: [], stream_id: [], exe: [] };

interface KnownArrivals {
  result: PendingArrivals;
  /** When the statement was sent, in milliseconds of `elapsedMs`. */
  askedMs: number;
  /** See `ownerOf`. */
  owner: string;
}

export class LakeArrivals {
  readonly #deps: ArrivalsDeps;
  /** By the version of the settings, and by `callerKey`. The entry that was asked first comes first. */
  readonly #known = new WeakMap<Instance, StringMap<KnownArrivals>>();

  constructor(deps: ArrivalsDeps) {
    this.#deps = deps;
  }

  /**
   * Undefined if the statement failed, or if too many users use the data source.
   *
   * @throws {ProxyError} `identity_missing`
   */
  async of(instance: Instance, call: ArrivalsCall): PendingArrivals {
    const nowMs = this.#deps.elapsedMs();
    const known = this.#knownOf(instance);
    const key = callerKey(instance, call);
    for (const [old, { askedMs }] of known) {
      if (nowMs < askedMs + ASK_EVERY_MS) {
        break;
      }
      known.delete(old);
    }
    const last = known.get(key);
    if (last !== undefined || known.size >= MAX_USERS) {
      return last?.result;
    }
    const result = askArrivals(ALL_PROCESSES, instance, call, this.#deps);
    known.set(key, { result, askedMs: nowMs, owner: ownerOf(call) });
    return result;
  }

  #knownOf(instance: Instance): StringMap<KnownArrivals> {
    const known = this.#known.get(instance);
    if (known !== undefined) {
      return known;
    }
    const created = new StringMap<KnownArrivals>();
    this.#known.set(instance, created);
    // The entries remain, so that a rejected user does not send more statements.
    instance.onRejected((owner) => {
      for (const entry of created.values()) {
        if (owner === undefined || entry.owner === owner) {
          entry.result = Promise.resolve(undefined);
        }
      }
    });
    return created;
  }
}
