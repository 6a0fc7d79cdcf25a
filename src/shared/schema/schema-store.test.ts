import { type TableInfo } from '../../../contract/resources/resources';
import { SchemaStore, type SchemaSource } from './schema-store';

const LOGS: TableInfo = { name: 'log_entries', columns: [{ name: 'time', type: 'Timestamp' }] };

function sourceOf(
  results: Array<TableInfo[] | Error>
): SchemaSource & { asked: { tables: number; columns: string[] } } {
  const asked = { tables: 0, columns: [] as string[] };
  return {
    asked,
    tables: async () => {
      const result = results[Math.min(asked.tables++, results.length - 1)];
      if (result instanceof Error) {
        throw result;
      }
      return { tables: result };
    },
    columns: async (table) => {
      asked.columns.push(table);
      if (table === 'nowhere') {
        throw new Error('unknown table');
      }
      return { table, columns: [{ name: 'begin', type: 'Timestamp' }] };
    },
  };
}

it('shares one request between callers and caches the tables', async () => {
  const source = sourceOf([[LOGS]]);
  const store = new SchemaStore(source);
  await Promise.all([store.tables(), store.tables()]);
  expect(await store.tables()).toEqual([LOGS]);
  expect(source.asked.tables).toBe(1);
});

it('keeps a failure in the state, and loads again only after refresh', async () => {
  const source = sourceOf([new Error('No server at 127.0.0.1:1'), [LOGS]]);
  const store = new SchemaStore(source);
  expect(await store.tables()).toEqual([]);
  expect(store.getState()).toMatchObject({ status: 'failed', error: 'No server at 127.0.0.1:1' });
  await store.tables();
  expect(source.asked.tables).toBe(1);
  expect(await store.refresh()).toEqual([LOGS]);
  expect(store.getState()).toEqual({ status: 'ready', tables: [LOGS] });
});

it('prefers the error message of the backend', async () => {
  const failure = Object.assign(new Error('502'), { data: { code: 'x', message: 'The server rejected the token.' } });
  const store = new SchemaStore(sourceOf([failure]));
  await store.tables();
  expect(store.getState().error).toBe('The server rejected the token.');
});

it('keeps the cached tables when a refresh fails', async () => {
  const store = new SchemaStore(sourceOf([[LOGS], new Error('down')]));
  await store.tables();
  await store.refresh();
  expect(store.getState()).toMatchObject({ status: 'failed', tables: [LOGS] });
});

it('returns cached columns, loads columns of other tables once, and returns none for unknown tables', async () => {
  const source = sourceOf([[LOGS]]);
  const store = new SchemaStore(source);
  expect(await store.columns('log_entries')).toEqual(LOGS.columns);
  expect(await store.columns('frame_stats')).toEqual([{ name: 'begin', type: 'Timestamp' }]);
  await store.columns('frame_stats');
  expect(await store.columns('nowhere')).toEqual([]);
  expect(source.asked.columns).toEqual(['frame_stats', 'nowhere']);
});

afterEach(() => {
  jest.restoreAllMocks();
});

it('loads columns again 20 seconds after a failure', async () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
  const source = sourceOf([[]]);
  const responses = [new Error('The server is down.'), { table: 'events', columns: LOGS.columns }];
  source.columns = async () => {
    const response = responses.shift();
    if (response === undefined || response instanceof Error) {
      throw response;
    }
    return response;
  };
  const store = new SchemaStore(source);
  expect(await store.columns('events')).toEqual([]);
  now.mockReturnValue(20_999);
  expect(await store.columns('events')).toEqual([]);
  now.mockReturnValue(21_000);
  expect(await store.columns('events')).toEqual(LOGS.columns);
  now.mockReturnValue(90_000);
  expect(await store.columns('events')).toEqual(LOGS.columns);
});

it('sends no request for the columns of views that exist only per process or stream', async () => {
  const source = sourceOf([[LOGS]]);
  const store = new SchemaStore(source);
  expect((await store.columns('otel_spans')).map(({ name }) => name)).toContain('start_time');
  expect((await store.columns('thread_spans')).map(({ name }) => name)).toContain('begin');
  expect(source.asked.columns).toEqual([]);
});

it('notifies listeners until they unsubscribe', async () => {
  const store = new SchemaStore(sourceOf([[LOGS]]));
  const seen: string[] = [];
  const unsubscribe = store.subscribe(() => seen.push(store.getState().status));
  await store.tables();
  unsubscribe();
  await store.refresh();
  expect(seen).toEqual(['loading', 'ready']);
});

it('returns the same list of names until the tables change', async () => {
  const other: TableInfo = { name: 'measures', columns: [] };
  const store = new SchemaStore(sourceOf([[LOGS], [LOGS, other]]));
  const names = await store.tableNames();
  expect(names).toEqual(['log_entries']);
  expect(await store.tableNames()).toBe(names);
  await store.refresh();
  expect(await store.tableNames()).toEqual(['log_entries', 'measures']);
});

it('caches the columns of at most 200 tables', async () => {
  const source = sourceOf([[LOGS]]);
  const store = new SchemaStore(source);
  const names = Array.from({ length: 201 }, (_, index) => `table_${index}`);
  for (const name of [...names, 'table_200', 'table_1', 'table_0']) {
    await store.columns(name);
  }
  expect(source.asked.columns).toEqual([...names, 'table_0']);
});
