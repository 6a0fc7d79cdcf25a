/** Sorts distinct times in steps: millions of them take longer than others should wait. */
import { asInt64, bytesOf } from '../arrow-ipc';
import { type MemoryAccount } from '../memory/memory-account';
import { takeInt32 } from '../memory/typed-arrays';
import { type Steps } from './frame-context';
import { type PairIndex } from './pair-index';

/** Times that are sorted or merged in one step: some milliseconds. */
const STEP_TIMES = 1 << 17;

export interface RankedTimes {
  /** Place of each number's time among the sorted ones. */
  ranks: Int32Array;
  /** Nanoseconds, ascending. */
  sorted: BigInt64Array;
}

/** @param times Halves of nanoseconds: the high one first. */
export function* rankTimes(times: PairIndex, memory: MemoryAccount): Steps<RankedTimes> {
  const halves = takeInt32(memory, times.size * 2);
  for (let id = 0; id < times.size; id++) {
    halves[id * 2] = times.second(id);
    halves[id * 2 + 1] = times.first(id);
    if (id % STEP_TIMES === STEP_TIMES - 1) {
      yield;
    }
  }
  const sorted = yield* sortInSteps(asInt64(bytesOf(halves), times.size), memory);
  const sortedHalves = new Int32Array(sorted.buffer, sorted.byteOffset, times.size * 2);
  const ranks = takeInt32(memory, times.size);
  for (let rank = 0; rank < times.size; rank++) {
    ranks[times.add(sortedHalves[rank * 2 + 1] ?? 0, sortedHalves[rank * 2] ?? 0)] = rank;
    if (rank % STEP_TIMES === STEP_TIMES - 1) {
      yield;
    }
  }
  return { ranks, sorted };
}

/** Sorts runs, then merges them two by two. @param times Is overwritten. */
function* sortInSteps(times: BigInt64Array, memory: MemoryAccount): Steps<BigInt64Array> {
  const { length } = times;
  for (let start = 0; start < length; start += STEP_TIMES) {
    times.subarray(start, start + STEP_TIMES).sort();
    if (start + STEP_TIMES < length) {
      yield;
    }
  }
  if (length <= STEP_TIMES) {
    return times;
  }
  let from = times;
  let to = asInt64(memory.take(length * 8), length);
  for (let width = STEP_TIMES; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      yield* merge(from, to, start, Math.min(start + width, length), Math.min(start + 2 * width, length));
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merges the sorted runs from `start` to before `middle`, and from there to before `end`. */
function* merge(from: BigInt64Array, to: BigInt64Array, start: number, middle: number, end: number): Steps<void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end;) {
    const stop = Math.min(end, at + STEP_TIMES);
    for (; at < stop; at++) {
      const takesLeft = right >= end || (left < middle && (from[left] ?? 0n) <= (from[right] ?? 0n));
      to[at] = from[takesLeft ? left++ : right++] ?? 0n;
    }
    yield;
  }
}
