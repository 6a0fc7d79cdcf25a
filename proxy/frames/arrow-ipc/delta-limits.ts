/**
 * Limits for dictionaries that arrive in pieces.
 *
 * A delta message adds a piece to a dictionary. Each column that uses the dictionary keeps objects for each piece, and
 * concatenates all pieces for the next batch. So without limits, small deltas and batches could cause any amount of
 * work.
 */
import { tooLarge } from './result-errors';

/** Limit for the pieces of one dictionary. */
const MAX_PIECES = 4096;

/**
 * Limit for the pieces that all columns keep. A column keeps all pieces of its dictionary. This takes a few hundred
 * bytes per piece. So a dictionary counts with its pieces × its columns.
 */
const MAX_KEPT_PIECES = 1 << 16;

/** Cost of concatenating a piece, in bytes, in addition to the bytes of the piece. */
const PIECE_BYTES = 256;

/** Limit for concatenated bytes: a fixed number plus a multiple of the received bytes. */
const FREE_BYTES = 2 ** 28;
const TIMES_RECEIVED = 16;

interface Pieces {
  pieces: number;
  /** Bytes of the messages of all pieces. */
  bytes: number;
  /** Number of columns that use the dictionary. */
  uses: number;
}

/** Limits the dictionaries of one result. */
export class DeltaLimits {
  readonly #dictionaries = new Map<number, Pieces>();
  /** Dictionaries that changed since the last batch. */
  readonly #changed = new Set<number>();
  #keptPieces = 0;
  #receivedBytes = 0;
  #concatenatedBytes = 0;

  /** Call this for each received message. */
  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** Call this for each new dictionary and each delta. @throws {ProxyError} 'result_too_large' */
  dictionary(id: number, now: Pieces): void {
    const before = this.#dictionaries.get(id);
    this.#keptPieces += keptPieces(now) - (before === undefined ? 0 : keptPieces(before));
    if (now.pieces > MAX_PIECES) {
      throw tooLarge(`A dictionary has more than ${MAX_PIECES} pieces.`);
    }
    if (this.#keptPieces > MAX_KEPT_PIECES) {
      throw tooLarge(`The dictionaries of all columns have more than ${MAX_KEPT_PIECES} pieces.`);
    }
    this.#dictionaries.set(id, now);
    this.#changed.add(id);
  }

  /** Call this for each batch. Counts the bytes of changed dictionaries. @throws {ProxyError} 'result_too_large' */
  batch(): void {
    for (const id of this.#changed) {
      const { pieces, bytes, uses } = this.#dictionaries.get(id) ?? { pieces: 0, bytes: 0, uses: 0 };
      this.#concatenatedBytes += pieces > 1 ? uses * (bytes + pieces * PIECE_BYTES) : 0;
    }
    this.#changed.clear();
    if (this.#concatenatedBytes > FREE_BYTES + TIMES_RECEIVED * this.#receivedBytes) {
      throw tooLarge('The dictionaries of the result change too often while they grow.');
    }
  }

  /** Call this before the messages of the next stream: each stream has its own dictionaries. */
  clear(): void {
    this.#dictionaries.clear();
    this.#changed.clear();
    this.#keptPieces = 0;
  }
}

/** Pieces × columns. 0 for a dictionary of one piece, because it needs no concatenation. */
function keptPieces({ pieces, uses }: Pieces): number {
  return pieces > 1 ? pieces * uses : 0;
}
