/**
 * Limits the number of open statements of a data source, so that one user with many panels does not delay others.
 *
 * A query waits for its first slot before it takes memory, so that a waiting query holds no memory. There are separate
 * slots for the further statements of a query, and for alert rules and Save & test. Users take turns, and the
 * dashboards of a user take turns. Some slots are kept for users without an open statement, because a user with many
 * panels may hold all other slots. A late statement may hold its place for a while after its end, and then delays only
 * its own user, see `late-statements.ts`.
 */
import { StringMap } from '../../../contract/string-map';
import { FairQueue } from '../../base/fair-queue';
import { untilAborted } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';

/**
 * - `viewer`: the first statement of a query of a dashboard, Explore, a variable or an editor.
 * - `continued`: a further statement of such a query, and statements that read columns or the age of the data for such
 *   a query.
 * - `background`: alert rules, and Save & test.
 * - `file`: images and Perfetto traces. Not limited here, because a slow caller would hold a slot for a long time.
 *   `OpenFiles` limits them.
 */
export type SlotLane = 'viewer' | 'continued' | 'background' | 'file';

/** A request for a slot. */
export interface SlotRequest {
  lane: SlotLane;
  /** Users take turns. For a call without a user, a string that identifies its dashboard. */
  user: string;
  /** The dashboards of a user take turns. Empty: a call without a dashboard. */
  dashboard: string;
}

/** Maximum number of statements that wait in a lane, in total and of one user. */
const MAX_WAITING_STATEMENTS = 2000;
export const MAX_WAITING_STATEMENTS_OF_USER = 500;

interface Waiting {
  request: SlotRequest;
  grant(): void;
}

/** One in this many slots is kept for users without an open statement. */
const SLOTS_FOR_ONE_KEPT = 8;

/** One in this many slots of a lane can be held by late statements. */
const SLOTS_FOR_ONE_HELD = 4;

interface LaneLimits {
  slots: number;
  /** Users with fewer open statements than this get free slots first. */
  ofUser: number;
  /** Number of slots that are kept for users without an open statement. */
  kept: number;
  /** Maximum number of slots that late statements hold, in total and of one user. */
  held: number;
  heldOfUser: number;
}

/** The slots of one lane. */
class Lane {
  readonly #limits: LaneLimits;
  #open = 0;
  readonly #openOfUser = new StringMap<number>();
  /** The number of held places. They count against their own users only, so `#open` does not include them. */
  #held = 0;
  readonly #heldOfUser = new StringMap<number>();
  /** For each user, the waiting statements. The dashboards of a user take turns. The first user is next. */
  readonly #users = new StringMap<FairQueue<Waiting>>();
  #waitingCount = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /** Takes a slot if one is free for the user and no statement waits. */
  tryOpen({ user }: SlotRequest): boolean {
    if (this.#waitingCount > 0 || !this.#hasSlot(user)) {
      return false;
    }
    this.#take(user);
    return true;
  }

  /** @returns False if too many statements wait. */
  add(waiting: Waiting): boolean {
    const { user, dashboard } = waiting.request;
    const turns =
      this.#users.get(user) ?? new FairQueue(MAX_WAITING_STATEMENTS_OF_USER, MAX_WAITING_STATEMENTS_OF_USER);
    if (this.#waitingCount >= MAX_WAITING_STATEMENTS || !turns.add(dashboard, waiting)) {
      return false;
    }
    this.#users.set(user, turns);
    this.#waitingCount++;
    this.#grant();
    return true;
  }

  remove(waiting: Waiting): void {
    const { user, dashboard } = waiting.request;
    const turns = this.#users.get(user);
    if (turns?.remove(dashboard, waiting) === true) {
      this.#waitingCount--;
      if (turns.isEmpty) {
        this.#users.delete(user);
      }
      this.#grant();
    }
  }

  release({ user }: SlotRequest): void {
    this.#open--;
    const left = this.#openOf(user) - 1;
    if (left <= 0) {
      this.#openOfUser.delete(user);
    } else {
      this.#openOfUser.set(user, left);
    }
    this.#grant();
  }

  /** Holds the place of a statement that still has its slot. @returns False if no more places may be held. */
  hold({ user }: SlotRequest): boolean {
    const { slots, kept, held, heldOfUser } = this.#limits;
    const ofUser = this.#heldOf(user);
    if (this.#held >= held || ofUser >= heldOfUser || this.#open > slots - kept) {
      return false;
    }
    this.#held++;
    this.#heldOfUser.set(user, ofUser + 1);
    return true;
  }

  releaseHeld({ user }: SlotRequest): void {
    const left = this.#heldOf(user) - 1;
    this.#held--;
    if (left <= 0) {
      this.#heldOfUser.delete(user);
    } else {
      this.#heldOfUser.set(user, left);
    }
    this.#grant();
  }

  #take(user: string): void {
    this.#open++;
    this.#openOfUser.set(user, this.#openOf(user) + 1);
  }

  #openOf(user: string): number {
    return this.#openOfUser.get(user) ?? 0;
  }

  #heldOf(user: string): number {
    return this.#heldOfUser.get(user) ?? 0;
  }

  /** A user without an open statement may always take a free slot, also if late statements hold places of the user. */
  #hasSlot(user: string): boolean {
    const { slots, kept } = this.#limits;
    return this.#openOf(user) === 0 ? this.#open < slots : this.#open + this.#heldOf(user) < slots - kept;
  }

  /** Gives free slots to waiting statements. */
  #grant(): void {
    for (let next = this.#nextUser(); next !== undefined; next = this.#nextUser()) {
      const [user, turns] = next;
      this.#waitingCount--;
      this.#take(user);
      turns.take()?.grant();
      // The user comes last now.
      this.#users.delete(user);
      if (!turns.isEmpty) {
        this.#users.set(user, turns);
      }
    }
  }

  /**
   * The first waiting user who may take a slot and has fewer open statements than `ofUser`. If there is no such user,
   * the first waiting user who may take a slot, so that no slot stays free. At most `slots` users are skipped, because
   * each skipped user has open statements.
   */
  #nextUser(): [user: string, turns: FairQueue<Waiting>] | undefined {
    if (this.#open >= this.#limits.slots) {
      return undefined;
    }
    let first: [user: string, turns: FairQueue<Waiting>] | undefined;
    for (const entry of this.#users) {
      const [user] = entry;
      if (this.#hasSlot(user)) {
        if (this.#openOf(user) + this.#heldOf(user) < this.#limits.ofUser) {
          return entry;
        }
        first ??= entry;
      }
    }
    return first;
  }
}

/**
 * Gives a slot back. Further calls have no effect. A statement releases its slot when its result has arrived or its
 * call has ended. The function that took the slot releases it again at the end, in case no statement was sent.
 */
export type Release = () => void;

/** The release function of statements that need no slot. */
const NO_SLOT: Release = () => undefined;

function once(release: Release): Release {
  let isOpen = true;
  return () => {
    if (isOpen) {
      isOpen = false;
      release();
    }
  };
}

const releaseOf = (lane: Lane, request: SlotRequest): Release => once(() => lane.release(request));

/**
 * The slots of one data source. Each lane but `file` has `limit` slots. In `viewer` and `continued`, users with fewer
 * than half of the slots get free slots first. An eighth of the slots is kept for users without an open statement. Late
 * statements hold at most a quarter of the slots, at most half of a user's share, and no kept slots.
 */
export class StatementSlots {
  readonly #lanes: Readonly<Partial<Record<SlotLane, Lane>>>;
  readonly #limit: number;

  /** @param limit Maximum number of open statements in each lane except `file`. 0: no limit. */
  constructor(limit: number) {
    this.#limit = limit;
    const ofUser = Math.max(1, Math.floor(limit / 2));
    const ofViewers: LaneLimits = {
      slots: limit,
      ofUser,
      kept: Math.floor(limit / SLOTS_FOR_ONE_KEPT),
      held: Math.floor(limit / SLOTS_FOR_ONE_HELD),
      heldOfUser: Math.floor(ofUser / 2),
    };
    this.#lanes =
      limit === 0
        ? {}
        : {
            viewer: new Lane(ofViewers),
            continued: new Lane(ofViewers),
            background: new Lane({ slots: limit, ofUser: limit, kept: 0, held: 0, heldOfUser: 0 }),
          };
  }

  /** Takes a slot if the statement need not wait for it. @returns A function that gives the slot back, or undefined. */
  tryAcquire(request: SlotRequest): Release | undefined {
    const lane = this.#lanes[request.lane];
    if (lane === undefined) {
      return NO_SLOT;
    }
    return lane.tryOpen(request) ? releaseOf(lane, request) : undefined;
  }

  /**
   * Holds the place of a late statement beyond its end. Call this before its slot is released.
   *
   * @returns A function that gives the place back. Undefined if the statement may not hold its place.
   */
  hold(request: SlotRequest): Release | undefined {
    const lane = this.#lanes[request.lane];
    return lane?.hold(request) === true ? once(() => lane.releaseHeld(request)) : undefined;
  }

  /**
   * Waits for a slot.
   *
   * @returns A function that gives the slot back.
   * @throws {ProxyError} `statements_busy` if too many statements wait. When `signal` aborts: its reason if that is a
   *   ProxyError, or else `query_cancelled`.
   */
  async acquire(request: SlotRequest, signal: AbortSignal): Promise<Release> {
    const lane = this.#lanes[request.lane];
    if (lane === undefined) {
      return NO_SLOT;
    }
    await this.#wait(lane, request, signal);
    return releaseOf(lane, request);
  }

  async #wait(lane: Lane, request: SlotRequest, signal: AbortSignal): Promise<void> {
    const { promise: granted, resolve } = Promise.withResolvers<void>();
    let isGranted = false;
    const grant = () => {
      isGranted = true;
      resolve();
    };
    const waiting: Waiting = { request, grant };
    if (!lane.add(waiting)) {
      throw new ProxyError('statements_busy', {
        detail: `At most ${this.#limit} statements of this data source run at the same time, and at most ${MAX_WAITING_STATEMENTS_OF_USER} statements of one user may wait.`,
      });
    }
    try {
      await untilAborted(granted, signal);
    } catch (reason) {
      if (isGranted) {
        lane.release(request);
      } else {
        lane.remove(waiting);
      }
      throw reason;
    }
  }
}
