import { StringMap } from '../../contract/string-map';
/** A bounded queue in which users take turns: a user with many entries delays another user by only a few entries. */
export class FairQueue<Entry> {
  readonly #max: number;
  readonly #maxOfUser: number;
  /** Entries by user. The first user in the map has the next turn. A user without entries is not in the map. */
  readonly #users = new StringMap<Entry[]>();
  #size = 0;

  /** @param max Maximum number of entries of all users. @param maxOfUser Maximum number of entries of one user. */
  constructor(max: number, maxOfUser: number) {
    this.#max = max;
    this.#maxOfUser = maxOfUser;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** True if another user has entries. */
  hasOther(user: string): boolean {
    return this.#users.size > (this.#users.has(user) ? 1 : 0);
  }

  /** Returns false, and adds nothing, if the queue is full or the user has `maxOfUser` entries. */
  add(user: string, entry: Entry): boolean {
    const entries = this.#users.get(user) ?? [];
    if (this.#size >= this.#max || entries.length >= this.#maxOfUser) {
      return false;
    }
    entries.push(entry);
    this.#users.set(user, entries);
    this.#size++;
    return true;
  }

  /** Removes and returns the oldest entry of the user whose turn it is; undefined if the queue is empty. */
  take(): Entry | undefined {
    const [next] = this.#users;
    if (next === undefined) {
      return undefined;
    }
    const [user, entries] = next;
    const entry = entries.shift();
    this.#users.delete(user);
    if (entries.length > 0) {
      this.#users.set(user, entries);
    }
    this.#size--;
    return entry;
  }

  /** Removes and returns the entries of a user, the oldest first. */
  removeAll(user: string): Entry[] {
    const entries = this.#users.get(user) ?? [];
    this.#users.delete(user);
    this.#size -= entries.length;
    return entries;
  }

  /** Removes one entry of a user. Returns false if the entry is not in the queue. */
  remove(user: string, entry: Entry): boolean {
    const entries = this.#users.get(user) ?? [];
    const index = entries.indexOf(entry);
    if (index < 0) {
      return false;
    }
    entries.splice(index, 1);
    this.#size--;
    if (entries.length === 0) {
      this.#users.delete(user);
    }
    return true;
  }
}
