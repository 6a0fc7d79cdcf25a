/**
 * Runs the SQL of the documentation and of the editors' help against the demo's lakehouse. Each query must return rows.
 */
import { MACROS } from '../../contract/sql/macros';
import { examplePatch, examples } from '../../src/editor/query-editor/examples';
import { EXAMPLE_VARIABLE_QUERY } from '../../src/shared/interpolation/variable-query';
import { useSharedPlugin } from '../support/shared-plugin';
import { documentedQueries } from '../support/documented-sql';
import { onlyFrame } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const DOCUMENTED = documentedQueries();
/** Maximum number of SQL blocks in the documentation that these tests do not run. */
const MOST_NOT_RUN = 2;

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

/** Values of the macros that the browser replaces in panels. */
const GRAFANA_VALUES: Readonly<Record<string, string>> = {
  interval: '10s',
  interval_ms: '10000',
  from: '1767225600000',
  to: '1767229200000',
  range: '3600s',
  range_s: '3600',
  range_ms: '3600000',
};

function withGrafanaValues(sql: string): string {
  return sql.replace(/\$__(\w+)/g, (macro, name: string) => GRAFANA_VALUES[name] ?? macro);
}

async function rowsOf(model: object): Promise<number> {
  return onlyFrame(await runQuery(lab.plugin, lab.source, { version: 2, autoLimit: false, ...model })).rowCount;
}

describe('documentation', () => {
  it(`has queries, of which at most ${MOST_NOT_RUN} are not run`, () => {
    expect(DOCUMENTED.length).toBeGreaterThan(5);
    expect(DOCUMENTED.filter(({ notRun }) => notRun !== undefined).length).toBeLessThanOrEqual(MOST_NOT_RUN);
  });

  it.each(DOCUMENTED.filter(({ notRun }) => notRun === undefined))(
    '$place returns rows as $format',
    async ({ sql, format }) => {
      expect(await rowsOf({ query: sql, format })).toBeGreaterThan(0);
    }
  );
});

describe('help of the editors', () => {
  it.each(examples())('returns rows for the example "$title"', async (example) => {
    expect(await rowsOf(examplePatch(example))).toBeGreaterThan(0);
  });

  it('returns rows for the example of a variable query', async () => {
    expect(await rowsOf({ query: EXAMPLE_VARIABLE_QUERY, purpose: 'variable' })).toBeGreaterThan(0);
  });

  it.each(MACROS)('returns rows for the example of the macro $name, in panels and alert rules', async ({ example }) => {
    // The test replaces the variable as the browser does.
    const sql = example.replace(', $exe)', ", 'ember-server')").replace('$exe', "'ember-server'");
    expect(await rowsOf({ query: sql })).toBeGreaterThan(0);
    expect(await rowsOf({ query: withGrafanaValues(sql) })).toBeGreaterThan(0);
  });
});
