import { oncePer } from './once-per';

it('computes the value of each object once', () => {
  const compute = jest.fn(({ length }: readonly unknown[]) => length);
  const lengthOf = oncePer(compute);
  const [empty, pair]: unknown[][] = [[], [1, 2]];
  expect([lengthOf(empty), lengthOf(pair), lengthOf(empty), lengthOf(pair)]).toEqual([0, 2, 0, 2]);
  expect(compute).toHaveBeenCalledTimes(2);
});

it('computes a value again after an error', () => {
  const compute = jest.fn(() => 1);
  compute.mockImplementationOnce(() => {
    throw new Error('not yet');
  });
  const value = oncePer(compute);
  const key = {};
  expect(() => value(key)).toThrow('not yet');
  expect(value(key)).toBe(1);
});
