import { budgetSize } from './budget-size';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

const size = (memoryBytes: number, heapBytes: number, setting?: string) => {
  const errors: string[] = [];
  const logger = { error: (message: string) => void errors.push(message) };
  return { ...budgetSize({ GF_PLUGIN_MEMORY_BUDGET_MB: setting }, { memoryBytes, heapBytes }, logger), errors };
};

it.each([
  ['a quarter of the memory', 2 * GIB, 512 * MIB],
  ['at least 64 MiB', 128 * MIB, 64 * MIB],
  ['at most 4 GiB', 256 * GIB, 4 * GIB],
])('the budget is %s', (_name, memoryBytes, totalBytes) => {
  expect(size(memoryBytes, 16 * GIB)).toMatchObject({ totalBytes, heapBytes: totalBytes, errors: [] });
});

it('the limit for JavaScript objects is a share of the heap', () => {
  const { totalBytes, heapBytes } = size(8 * GIB, 100 * MIB);
  expect(totalBytes).toBe(2 * GIB);
  expect(heapBytes).toBe(35 * MIB);
});

it("the budget is the operator's setting", () => {
  expect(size(8 * GIB, 4 * GIB, ' 300 ').totalBytes).toBe(300 * MIB);
});

it.each(['lots', '-1', '0', '15', 'Infinity'])('ignores the setting %s and logs an error', (setting) => {
  const { totalBytes, errors } = size(2 * GIB, 4 * GIB, setting);
  expect(totalBytes).toBe(512 * MIB);
  expect(errors).toHaveLength(1);
});
