/** Checks that the generated tables of `docs/` match the code. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MACROS } from '../../contract/sql/macros';
import { ERRORS } from '../../proxy/base/errors/catalogue';
import { ERROR_SECTIONS, EXPLANATIONS } from '../../proxy/base/errors/explanations';
import { Constants } from './constants';
import { formatBytes, formatDuration, markdownTable, formatShare } from './markdown';
import { SET_BY_GRAFANA } from '../../proxy/base/operator-names';
import { OPERATOR_SETTINGS } from './operator-settings';
import { GENERATED_PAGES, readPage, withTables } from './tables';

const ROOT = join(__dirname, '../..');

it.each(GENERATED_PAGES)('docs/%s is current: if not, run npm run docs:tables', (page) => {
  const markdown = readPage(page);
  expect(markdown).toBe(withTables(page, markdown));
});

it('rejects a page without a table, and an unknown table', () => {
  expect(() => withTables('a.md', 'text')).toThrow('has no line');
  expect(() => withTables('a.md', '<!-- table: nothing -->\n\n<!-- end of table -->')).toThrow(
    'unknown table: nothing'
  );
});

it('explains every error once, in the order of the catalogue', () => {
  expect(Object.keys(EXPLANATIONS)).toEqual(Object.keys(ERRORS));
  const codes = Object.keys(ERRORS);
  const positions = ERROR_SECTIONS.map(({ first }) => codes.indexOf(first));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions[0]).toBe(0);
});

it('describes no macro twice', () => {
  expect(new Set(MACROS.map(({ name }) => name)).size).toBe(MACROS.length);
});

it.each(Object.entries(EXPLANATIONS))('explains %s in full sentences', (_code, { cause, remedy }) => {
  expect(cause).toMatch(/^[A-Z`<].{20,}[.)]$/);
  expect(remedy).toMatch(/^[A-Z`].{15,}[.)]$/);
});

it('lists all environment variables that the backend reads', () => {
  const sources = globSync('proxy/**/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
  const code = [...sources, 'scripts/launcher/gpx_micromegas.sh'].map((path) => readFileSync(join(ROOT, path), 'utf8'));
  const read = new Set(
    code
      .join('\n')
      .match(/\b(?:GF_PLUGIN_[A-Z_]*[A-Z]|GF_INSTANCE_[A-Z_]*[A-Z]|OTEL_BSP_[A-Z_]*[A-Z]|SSL_CERT_FILE)\b/g)
  );
  const listed = OPERATOR_SETTINGS.flatMap(({ variables }) => variables).filter(
    (name) => !/^(?:HTTPS?|NO)_PROXY$/.test(name)
  );
  // Grafana sets these variables. The backend only knows their names.
  SET_BY_GRAFANA.filter((name) => !listed.includes(name)).forEach((name) => read.delete(name));
  expect([...listed].sort()).toEqual([...read].sort());
});

describe('constants', () => {
  const constants = new Constants();

  it('computes values from products, powers and other constants', () => {
    expect(constants.valueOf('MAX_MODEL_BYTES')).toBe(4 * 1024 * 1024);
    expect(constants.valueOf('MAX_WRITTEN_BYTES')).toBe(2 ** 25);
    expect(constants.valueOf('MOST_BYTES')).toBe(4096 * 1024 * 1024);
    expect(constants.valueOf('http2/src/settings/MAX_ENTRIES')).toBe(32);
  });

  it('throws for names that do not exist, are ambiguous, or have a value that is not a number', () => {
    expect(() => constants.valueOf('NO_SUCH_LIMIT')).toThrow('0 files have the constant');
    expect(() => constants.valueOf('MAX_ENTRIES')).toThrow(/files have the constant MAX_ENTRIES: /);
    expect(() => constants.valueOf('operator-names/OF_SIDECAR')).toThrow('is not a number');
  });
});

describe('cells of the tables', () => {
  it('writes sizes and times in the largest unit in which they are whole numbers, and shares as percentages', () => {
    expect([64, 1536, 4096, 3 * 2 ** 30].map(formatBytes)).toEqual(['64 bytes', '1,536 bytes', '4 KiB', '3 GiB']);
    expect([100, 1500, 10_000, 1_800_000, 86_400_000].map(formatDuration)).toEqual([
      '100 ms',
      '1,500 ms',
      '10 s',
      '30 min',
      '24 h',
    ]);
    expect(formatShare(0.125)).toBe('12.5 %');
  });

  it('aligns the columns of tables', () => {
    expect(markdownTable(['a', 'long'], [['x | y', 'z']])).toBe(
      '| a      | long |\n| ------ | ---- |\n| x \\| y | z    |'
    );
  });
});
