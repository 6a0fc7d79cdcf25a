import { initSync, parse_sql } from 'sqlparser-wasm';
import { readFileSync } from 'node:fs';
import { parserLoader, type ParserModule } from './load-parser';

/** The real parser, with the file from disk in place of `fetch`. */
function realModule(): ParserModule {
  const file = 'node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm';
  return { default: async () => initSync({ module: readFileSync(file) }), parse_sql };
}

it('loads the parser once, at the first call', async () => {
  let loads = 0;
  const load = parserLoader(async () => {
    loads++;
    return realModule();
  });
  expect(loads).toBe(0);
  const [first, second] = await Promise.all([load(), load()]);
  expect(first?.('SELECT 1')).toMatchObject([{ Query: {} }]);
  expect(second).toBe(first);
  expect(loads).toBe(1);
});

it('resolves to undefined if WebAssembly is blocked', async () => {
  const load = parserLoader(async () => ({
    ...realModule(),
    default: () => Promise.reject(new WebAssembly.CompileError('Refused to compile')),
  }));
  expect(await load()).toBeUndefined();
});

it('resolves to undefined if the file of the module cannot be loaded', async () => {
  expect(await parserLoader(() => Promise.reject(new Error('Loading chunk failed')))()).toBeUndefined();
});

it('stays usable after an error of the SQL', async () => {
  const load = parserLoader(async () => realModule());
  const parse = await load();
  expect(() => parse?.('SELEC 1')).toThrow();
  expect((await load())?.('SELECT 1')).toHaveLength(1);
});

it('is off after a crash', async () => {
  const load = parserLoader(async () => ({
    ...realModule(),
    parse_sql: () => {
      throw new WebAssembly.RuntimeError('unreachable');
    },
  }));
  const parse = await load();
  expect(() => parse?.('SELECT 1')).toThrow(WebAssembly.RuntimeError);
  expect(() => parse?.('SELECT 1')).toThrow('has crashed before');
  expect(await load()).toBeUndefined();
});
