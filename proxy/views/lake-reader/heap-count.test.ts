import { ProxyError } from '../../base/errors/proxy-error';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { HeapCount } from './heap-count';

const MIB = 1024 * 1024;

it('adds the counts of several parts', () => {
  const memory = unlimitedAccount();
  const before = memory.heldBytes;
  const [one, other] = [new HeapCount(memory), new HeapCount(memory)];
  one.add(3 * MIB);
  other.set(5 * MIB);
  const both = memory.heldBytes - before;
  other.set(2 * MIB);
  expect((memory.heldBytes - before) / both).toBeCloseTo(5 / 8);
});

it('throws soon after the account exceeds its limit, not only after the last row', () => {
  const heap = new HeapCount(accountOf(10 * MIB));
  let added = 0;
  const fill = () => {
    for (; added < 1000; added++) {
      heap.add(MIB);
    }
  };
  expect(fill).toThrow(new ProxyError('result_too_large'));
  expect(added).toBeLessThan(20);
});
