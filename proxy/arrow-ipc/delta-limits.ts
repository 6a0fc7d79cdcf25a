/**
 * Limits for dictionaries that come in pieces.
 *
 * A delta message adds a piece to a dictionary. Each column that has the dictionary keeps objects for each piece, and puts
 * all pieces together again for the next batch. So a few bytes per delta and batch can cause work of any size: the number of
 * pieces and the bytes that are put together again are limited.
 */
import { tooLarge } from './result-errors';

/** Pieces of one dictionary. */
const MAX_PIECES = 4096;

/** Pieces of all dictionaries, counted once for each column that has the dictionary. Each costs some hundred bytes. */
const MAX_KEPT_PIECES = 1 << 16;

/** What a piece costs beside its bytes, when it is put together with others. */
const PIECE_BYTES = 256;

/** Bytes of dictionaries that may be put together again: so many, and so many times the received bytes. */
const FREE_BYTES = 2 ** 28;
const TIMES_RECEIVED = 16;

interface Pieces {
  pieces: number;
  /** Of the messages of all pieces. */
  bytes: number;
  /** Columns that have the dictionary. */
  uses: number;
}

export class DeltaLimits {
  readonly #dictionaries = new Map<number, Pieces>();
  /** Dictionaries of several pieces that have to be concatenated for the next batch. */
  readonly #changed = new Set<number>();
  #keptPieces = 0;
  #receivedBytes = 0;
  #rebuiltBytes = 0;

  /** A message has come. */
  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** A dictionary is new, or has one piece more. @throws {ProxyError} 'result_too_large' */
  dictionary(id: number, now: Pieces): void {
    const before = this.#dictionaries.get(id);
    this.#keptPieces += keptPieces(now) - (before === undefined ? 0 : keptPieces(before));
    if (now.pieces > MAX_PIECES) {
      throw tooLarge(`A dictionary comes in more than ${MAX_PIECES} pieces.`);
    }
    if (this.#keptPieces > MAX_KEPT_PIECES) {
      throw tooLarge(`The dictionaries of all columns come in more than ${MAX_KEPT_PIECES} pieces.`);
    }
    this.#dictionaries.set(id, now);
    this.#changed.add(id);
  }

  /** A batch has come, for which the dictionaries that changed are put together. @throws {ProxyError} 'result_too_large' */
  batch(): void {
    for (const id of this.#changed) {
      const { pieces, bytes, uses } = this.#dictionaries.get(id) ?? { pieces: 0, bytes: 0, uses: 0 };
      this.#rebuiltBytes += pieces > 1 ? uses * (bytes + pieces * PIECE_BYTES) : 0;
    }
    this.#changed.clear();
    if (this.#rebuiltBytes > FREE_BYTES + TIMES_RECEIVED * this.#receivedBytes) {
      throw tooLarge('Its dictionaries change too often while they grow.');
    }
  }

  /** The dictionaries of another stream follow. */
  clear(): void {
    this.#dictionaries.clear();
    this.#changed.clear();
    this.#keptPieces = 0;
  }
}

/** Of a dictionary in one piece nothing is kept beside the column. */
function keptPieces({ pieces, uses }: Pieces): number {
  return pieces > 1 ? pieces * uses : 0;
}
