import { merge } from './merge';

async function* values(...items: ReadonlyArray<string | Promise<string>>): AsyncGenerator<string> {
  for (const item of items) {
    yield await item;
  }
}

async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of source) {
    list.push(value);
  }
  return list;
}

it('yields nothing if there are no sources', async () => {
  expect(await listOf(merge([]))).toEqual([]);
});

it('yields values in the order of their arrival', async () => {
  const slow = Promise.withResolvers<string>();
  const merged = merge([values(slow.promise, 'slow 2'), values('fast 1', 'fast 2')]);
  expect((await merged.next()).value).toBe('fast 1');
  expect((await merged.next()).value).toBe('fast 2');
  slow.resolve('slow 1');
  expect(await listOf(merged)).toEqual(['slow 1', 'slow 2']);
});

it('pulls the next value of a source after the previous one has been taken', async () => {
  const pulled: number[] = [];
  async function* counted(): AsyncGenerator<number> {
    for (let index = 0; index < 3; index++) {
      pulled.push(index);
      yield await Promise.resolve(index);
    }
  }
  const merged = merge([counted()]);
  await merged.next();
  expect(pulled).toEqual([0]);
  expect(await listOf(merged)).toEqual([1, 2]);
});

it('ends with the first error and closes the other sources', async () => {
  let isClosed = false;
  async function* long(): AsyncGenerator<string> {
    try {
      // This source has enough values to be still open when the other source fails.
      for (let count = 0; count < 1000; count++) {
        yield await Promise.resolve('more');
      }
    } finally {
      isClosed = true;
    }
  }
  async function* failing(): AsyncGenerator<string> {
    yield await Promise.resolve('one');
    throw new Error('broken');
  }
  await expect(listOf(merge([long(), failing()]))).rejects.toThrow('broken');
  expect(isClosed).toBe(true);
});

it('closes all sources when the consumer returns early', async () => {
  const closed: string[] = [];
  async function* source(name: string): AsyncGenerator<string> {
    try {
      yield await Promise.resolve(name);
      yield name;
    } finally {
      closed.push(name);
    }
  }
  const merged = merge([source('a'), source('b')]);
  await merged.next();
  await merged.return(undefined);
  expect(closed.sort()).toEqual(['a', 'b']);
});

describe('a source that fails while it is closed', () => {
  async function* failingToClose(): AsyncGenerator<string> {
    try {
      for (let count = 0; count < 1000; count++) {
        yield await Promise.resolve('more');
      }
    } finally {
      throw new Error('not closed');
    }
  }

  it('does not replace the first error', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield await Promise.resolve('one');
      throw new Error('broken');
    }
    await expect(listOf(merge([failingToClose(), failing()]))).rejects.toThrow('broken');
  });

  it('lets the other sources close, and its error is thrown', async () => {
    let isClosed = false;
    async function* slowToClose(): AsyncGenerator<string> {
      try {
        yield await Promise.resolve('one');
        yield 'two';
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 10));
        isClosed = true;
      }
    }
    const merged = merge([failingToClose(), slowToClose()]);
    await merged.next();
    await expect(merged.return(undefined)).rejects.toThrow('not closed');
    expect(isClosed).toBe(true);
  });
});
