import { type MemoryAccount } from '../memory-account';
import { MemoryBudget } from '../memory-budget';

/** An account that may hold any number of bytes: for tests and benchmarks of what takes memory. */
export function unlimitedAccount(): MemoryAccount {
  return accountOf(Number.MAX_SAFE_INTEGER);
}

/** The account of the only query of a budget, which may hold so many bytes. */
export function accountOf(limitBytes: number): MemoryAccount {
  return new MemoryBudget({ totalBytes: limitBytes * 2 }).open();
}

/** As `unlimitedAccount`, with memory that holds other bytes already, as that of a pool does. */
export function usedMemory(): MemoryAccount {
  const account = unlimitedAccount();
  const take = account.take.bind(account);
  account.take = (bytes) => take(bytes).fill(0xff);
  return account;
}
