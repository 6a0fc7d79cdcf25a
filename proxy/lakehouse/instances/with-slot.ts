/** Runs small statements, such as those that read columns, with their own slot and memory account. */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type Instance, type InstanceCall } from './instance';
import { type Release } from './statement-slots';

/** A call before it has a slot and memory. */
export type WaitingCall = Omit<InstanceCall, 'memory' | 'slot'>;

/**
 * The `slot` that each statement gets. Calling it has no effect, because `withSlot` releases the real slot after the
 * last statement.
 */
const HELD: Release = () => undefined;

/**
 * Waits for a slot, then for memory: a statement that waits for its slot must not hold memory for which others wait.
 *
 * @param use A function that runs the statements one after another.
 * @returns The value of `use`.
 * @throws {ProxyError} Errors of `Instance.takeSlot`, 'memory_busy', and errors of `use`.
 */
export async function withSlot<Value>(
  instance: Pick<Instance, 'takeSlot'>,
  call: WaitingCall,
  openMemory: () => MemoryAccount,
  use: (call: InstanceCall) => Promise<Value>
): Promise<Value> {
  const release = await instance.takeSlot(call);
  const memory = openMemory();
  try {
    await memory.reserve(0);
    return await use({ ...call, memory, slot: HELD });
  } finally {
    memory.close();
    release();
  }
}
