import { type MemoryAccount } from '../memory-account';
import { MemoryBudget } from '../memory-budget';

/** For tests and benchmarks: an account with the maximum limit of a query, 2 GiB. */
export function unlimitedAccount(): MemoryAccount {
  return accountOf(Number.MAX_SAFE_INTEGER);
}

/** An account with this limit, up to 2 GiB. */
export function accountOf(limitBytes: number): MemoryAccount {
  return new MemoryBudget({ totalBytes: limitBytes * 2 }).open();
}

/**
 * An `unlimitedAccount` that fills its memory with 0xff: memory from the pool is not zeroed, so tests must not depend
 * on zeros.
 */
export function usedMemory(): MemoryAccount {
  const account = unlimitedAccount();
  const take = account.take.bind(account);
  account.take = (bytes) => take(bytes).fill(0xff);
  return account;
}
