/** Sorts distinct times in steps, because sorting millions of times in one step would block other queries. */
import { asInt64, bytesOf } from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeInt32 } from '../../observe/memory/typed-arrays';
import { type Steps } from '../../base/async/turns';
import { type PairIndex } from './pair-index';

/**
 * Maximum number of timestamps that are processed between two yields. Sorting or merging this number takes some
 * milliseconds.
 */
const TIMES_PER_STEP = 1 << 17;

/** Distinct times in ascending order. */
export interface RankedTimes {
  /** Rank of each time among the sorted times, indexed by the number of the time in the `PairIndex`. */
  ranks: Int32Array;
  /** Nanoseconds, ascending. */
  sorted: BigInt64Array;
}

/**
 * Sorts the times and computes their ranks. @param times Each pair is a time in nanoseconds, the high 32 bits first.
 */
export function* rankTimes(times: PairIndex, memory: MemoryAccount): Steps<RankedTimes> {
  const halves = takeInt32(memory, times.size * 2);
  for (let id = 0; id < times.size; id++) {
    halves[id * 2] = times.second(id);
    halves[id * 2 + 1] = times.first(id);
    if (id % TIMES_PER_STEP === TIMES_PER_STEP - 1) {
      yield;
    }
  }
  const sorted = yield* sortInSteps(asInt64(bytesOf(halves), times.size), memory);
  const sortedHalves = new Int32Array(sorted.buffer, sorted.byteOffset, times.size * 2);
  const ranks = takeInt32(memory, times.size);
  for (let rank = 0; rank < times.size; rank++) {
    ranks[times.add(sortedHalves[rank * 2 + 1], sortedHalves[rank * 2])] = rank;
    if (rank % TIMES_PER_STEP === TIMES_PER_STEP - 1) {
      yield;
    }
  }
  return { ranks, sorted };
}

/** Sorts runs, then merges them in pairs. @param times Overwritten. */
function* sortInSteps(times: BigInt64Array, memory: MemoryAccount): Steps<BigInt64Array> {
  const { length } = times;
  for (let start = 0; start < length; start += TIMES_PER_STEP) {
    times.subarray(start, start + TIMES_PER_STEP).sort();
    if (start + TIMES_PER_STEP < length) {
      yield;
    }
  }
  if (length <= TIMES_PER_STEP) {
    return times;
  }
  let from = times;
  let to = asInt64(memory.take(length * 8), length);
  for (let width = TIMES_PER_STEP; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      yield* merge(from, to, start, Math.min(start + width, length), Math.min(start + 2 * width, length));
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merges two sorted runs: from `start` to `middle` (exclusive), and from `middle` to `end` (exclusive). */
function* merge(from: BigInt64Array, to: BigInt64Array, start: number, middle: number, end: number): Steps<void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end;) {
    const stop = Math.min(end, at + TIMES_PER_STEP);
    for (; at < stop; at++) {
      const takesLeft = right >= end || (left < middle && from[left] <= from[right]);
      to[at] = from[takesLeft ? left++ : right++];
    }
    yield;
  }
}
