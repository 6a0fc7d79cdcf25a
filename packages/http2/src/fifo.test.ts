import { Fifo } from './fifo.ts';

it('returns items in the order in which they were pushed', () => {
  const queue = new Fifo<number>();
  const out: Array<number | undefined> = [];
  let next = 0;
  for (const [pushes, shifts] of [
    [3, 2],
    [2000, 1500],
    [5, 400],
    [3000, 3106],
    [1, 2],
  ]) {
    for (let count = 0; count < pushes; count++) {
      queue.push(next++);
    }
    for (let count = 0; count < shifts; count++) {
      expect(queue.peek()).toBe(out.length < next ? out.length : undefined);
      const item = queue.shift();
      if (item === undefined) {
        expect(queue.length).toBe(0);
      } else {
        out.push(item);
      }
      expect(queue.length).toBe(next - out.length);
    }
  }
  expect(out).toEqual(Array.from({ length: next }, (_, index) => index));
});

it('is empty after clear, and can be used again', () => {
  const queue = new Fifo<string>();
  queue.push('a');
  queue.push('b');
  queue.shift();
  queue.clear();
  expect([queue.length, queue.peek(), queue.shift()]).toEqual([0, undefined, undefined]);
  queue.push('c');
  expect([queue.length, queue.shift()]).toEqual([1, 'c']);
});

it('retain drops the items for which the callback returns false', () => {
  const queue = new Fifo<number>();
  [1, 2, 3, 4, 5].forEach((item) => queue.push(item));
  queue.shift();
  queue.retain((item) => item % 2 === 1);
  expect([queue.length, queue.shift(), queue.shift(), queue.shift()]).toEqual([2, 3, 5, undefined]);
});
