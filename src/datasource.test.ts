/** @jest-environment jsdom */
import {
  CoreApp,
  type DataQueryRequest,
  type DataSourceInstanceSettings,
  getDefaultTimeRange,
  hasQueryModificationSupport,
  hasToggleableQueryFiltersSupport,
  type ScopedVars,
} from '@grafana/data';
import { config, type DataSourceSrv, setDataSourceSrv, type TemplateSrv } from '@grafana/runtime';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { onTest } from './settings/data-source-tests';
import { MicromegasDataSource } from './datasource';
import { respondWith } from './testing/fake-backend';
import { fixedTemplates } from './testing/fixed-templates';
import { type MicromegasOptions, type MicromegasQuery } from './shared/types';

/** Replaces variables as Grafana's service does: only known names, with the format of the caller. */
function templatesOf(variables: Record<string, { value: unknown; multi?: boolean }>): TemplateSrv {
  const replace = (template = '', scoped: ScopedVars = {}, format?: string | ((...args: unknown[]) => unknown)) =>
    template.replace(/\$(\w+)/g, (match, name: string) => {
      const found = variables[name] ?? scoped[name];
      return found && typeof format === 'function' ? String(format(found.value, found)) : match;
    });
  return {
    replace: replace as TemplateSrv['replace'],
    getVariables: () => [],
    containsTemplate: (template) => replace(template, {}, () => '') !== template,
    updateTimeRange: () => undefined,
  };
}

const settings = { id: 1, uid: 'mm', type: 'mm', name: 'mm', jsonData: {} } as Partial<
  DataSourceInstanceSettings<MicromegasOptions>
> as DataSourceInstanceSettings<MicromegasOptions>;
const datasource = new MicromegasDataSource(
  settings,
  templatesOf({ exe: { value: "it's" }, target: { value: ['a', 'b'], multi: true } })
);
const query = (fields: Partial<MicromegasQuery>): MicromegasQuery => ({ refId: 'A', ...fields });

it.each<[saved: unknown, expected: boolean]>([
  [undefined, true],
  [true, true],
  ['yes', true],
  [false, false],
  ['off', false],
  [0, false],
])('reads the setting for suggestions as the backend does: %j', (suggestValues, expected) => {
  const jsonData: MicromegasOptions = JSON.parse(JSON.stringify({ suggestValues }));
  expect(new MicromegasDataSource({ ...settings, jsonData }, templatesOf({})).lookups.suggestsValues).toBe(expected);
});

it.each([
  ['one value', "x = '$exe'", "x = 'it''s'"],
  ['several values', 'x IN ($target)', "x IN ('a','b')"],
  ["Grafana's interval", 'date_bin(interval $__interval)', 'date_bin(interval 10s)'],
  ['macros, unchanged', '$__timeFilter(time) AND $__timeFrom', '$__timeFilter(time) AND $__timeFrom'],
])('interpolates variables: %s', (_name, sql, expected) => {
  const sent = datasource.applyTemplateVariables(query({ query: sql }), { __interval: { value: '10s', text: '10s' } });
  expect(sent.query).toBe(expected);
});

it('sends the SQL of a query of version 1, and does not change the saved query', () => {
  const saved = query({ queryText: 'SELECT $exe' });
  expect(datasource.applyTemplateVariables(saved, {}).query).toBe("SELECT it''s");
  expect(saved.query).toBeUndefined();
});

it.each([
  ['a query', query({ query: 'SELECT 1' }), true],
  ['a hidden query', query({ query: 'SELECT 1', hide: true }), false],
  ['an empty query', query({ query: ' \n' }), false],
  ['a builder query', query({ table: 't' }), true],
  ['a new query of Explore', query(datasource.getDefaultQuery(CoreApp.Explore)), false],
  ['a search for traces', query({ queryType: 'traces', traces: { view: 'search' } }), true],
  ['a hidden search', query({ queryType: 'traces', traces: { view: 'search' }, hide: true }), false],
  ['a trace without an id', query({ queryType: 'traces', traces: { view: 'trace' }, query: 'SELECT 1' }), false],
  [
    'a profile without a process',
    query({ queryType: 'profile', profile: { view: 'timeline', processId: ' ' } }),
    false,
  ],
  ['images without a process', query({ queryType: 'processes', processes: { view: 'images' } }), false],
  [
    'an invalid request, whose problem the backend reports',
    query({ queryType: 'traces', traces: JSON.parse('{}') }),
    true,
  ],
  ['SQL with the type of another data source', query({ queryType: 'traces', query: 'SELECT 1' }), true],
])('decides whether to send %s', (_name, target, expected) => {
  expect(datasource.filterQuery(target)).toBe(expected);
});

it('returns SQL that can be pasted into the editor, because the query history copies it', () => {
  const sql = 'SELECT 1 -- one\n  FROM t';
  expect(datasource.getQueryDisplayText(query({ query: sql }))).toBe(sql);
  expect(
    datasource.getQueryDisplayText(query({ query: sql, filters: [{ key: 'exe', operator: '=', value: 'a' }] }))
  ).toBe(`/* exe = a */\n${sql}`);
});

it('reports dashboard variables to alerting, but no macros', () => {
  expect(datasource.targetContainsTemplate(query({ query: '$exe' }))).toBe(true);
  expect(datasource.targetContainsTemplate(query({ query: '$__timeFilter(time)' }))).toBe(false);
});

const AD_HOC = [{ key: 'level', operator: '<=', value: '2' }];
const REQUEST = { __interval: { value: '10s', text: '10s' } };

describe('view queries', () => {
  const viewQuery = query({
    queryType: 'traces',
    traces: { view: 'search', services: ['$target'], attributes: [{ key: 'a', operator: '=', value: '$exe' }] },
    query: 'SELECT $exe',
    filters: [{ key: 'exe', operator: '=', value: 'b' }],
  });
  const adHoc = [{ key: 'exe', operator: '=', value: 'b' }];
  const interpolated = {
    view: 'search',
    services: ['a', 'b'],
    attributes: [{ key: 'a', operator: '=', value: "it's" }],
  };

  it('are sent with the values of variables and the ad hoc filters', () => {
    const { filters, adHocFilters, traces } = datasource.applyTemplateVariables(viewQuery, {}, adHoc);
    expect({ filters, adHocFilters, traces }).toEqual({
      filters: undefined,
      adHocFilters: adHoc,
      traces: interpolated,
    });
  });

  it('keep their SQL and its filters when a panel is opened in Explore', () => {
    expect(datasource.interpolateVariablesInQueries([viewQuery], {}, adHoc)).toEqual([
      { ...viewQuery, traces: interpolated },
    ]);
  });

  it('report only the variables of their request to alerting, because their saved SQL does not run', () => {
    expect(datasource.targetContainsTemplate(viewQuery)).toBe(true);
    expect(datasource.targetContainsTemplate({ ...viewQuery, traces: { view: 'service-map' } })).toBe(false);
  });

  it('have a label for the query history', () => {
    expect(datasource.getQueryDisplayText(viewQuery)).toBe('Traces | service = $target | a = $exe');
  });
});

it('attaches the ad hoc filters to a request, and leaves the saved query unchanged', () => {
  const saved = Object.freeze(query({ query: 'SELECT 1 FROM log_entries' }));
  expect(datasource.applyTemplateVariables(saved, {}, AD_HOC)).toEqual({ ...saved, adHocFilters: AD_HOC });
  expect(datasource.applyTemplateVariables(saved, {}, [])).toEqual(saved);
});

it('attaches the ad hoc filters to the queries of a panel with expressions', () => {
  const [sent] = datasource.interpolateVariablesInQueries([query({ query: "SELECT '$exe'" })], REQUEST, AD_HOC);
  expect(sent).toEqual(query({ query: "SELECT 'it''s'", adHocFilters: AD_HOC as MicromegasQuery['adHocFilters'] }));
});

it('shows the ad hoc filters of a panel that is opened in Explore as filters of the query', () => {
  const own = { key: 'exe', operator: '=', value: 'a' } as const;
  const [kept] = datasource.interpolateVariablesInQueries([query({ query: 'SELECT 1', filters: [own] })], {}, AD_HOC);
  expect(kept).toEqual(query({ query: 'SELECT 1', filters: [own, ...AD_HOC] as MicromegasQuery['filters'] }));
});

it('drops the time zone of a query for Explore or a new alert rule, and adds no filters if there are none', () => {
  const [kept] = datasource.interpolateVariablesInQueries([query({ query: 'SELECT 1', timezone: 'Asia/Tokyo' })], {});
  expect(kept).toEqual(query({ query: 'SELECT 1' }));
});

it('interpolates each copy of a repeated panel with its own value', () => {
  const saved = query({ query: "SELECT '$host'" });
  const sent = ['a', 'b'].map((value) => datasource.applyTemplateVariables(saved, { host: { value, text: value } }));
  expect(sent.map((copy) => copy.query)).toEqual(["SELECT 'a'", "SELECT 'b'"]);
  expect(saved.query).toBe("SELECT '$host'");
});

it('supports the filter buttons of Explore', () => {
  expect(hasToggleableQueryFiltersSupport(datasource)).toBe(true);
  expect(hasQueryModificationSupport(datasource)).toBe(true);
  expect(datasource.getSupportedQueryModifications()).toEqual(
    expect.arrayContaining(['ADD_STRING_FILTER', 'ADD_STRING_FILTER_OUT'])
  );
});

it('adds and removes a filter, as the buttons in the details of a log line do', () => {
  const options = { key: 'exe', value: 'a' };
  const filtered = datasource.toggleQueryFilter(query({ query: 'SELECT 1' }), { type: 'FILTER_FOR', options });
  expect(datasource.queryHasFilter(filtered, options)).toBe(true);
  expect(filtered.query).toBe('SELECT 1');
  expect(datasource.toggleQueryFilter(filtered, { type: 'FILTER_FOR', options })).toEqual(query({ query: 'SELECT 1' }));
});

describe('a request of a panel', () => {
  const request = (...targets: MicromegasQuery[]): DataQueryRequest<MicromegasQuery> => ({
    app: 'dashboard',
    requestId: 'Q1',
    interval: '10s',
    intervalMs: 10_000,
    panelId: 7,
    range: getDefaultTimeRange(),
    scopedVars: {},
    filters: AD_HOC,
    targets,
    timezone: 'utc',
    startTime: 0,
  });

  /** Sends a request. @returns The bodies of the HTTP requests, by URL. */
  async function send(
    sent: DataQueryRequest<MicromegasQuery>
  ): Promise<Record<string, { queries?: MicromegasQuery[] }>> {
    const bodies: Record<string, object> = {};
    respondWith(async ({ url, data }) => {
      bodies[url] = data;
      return { results: {} };
    });
    await lastValueFrom(datasource.query(sent));
    return bodies;
  }

  it('changes only the queries of this data source if data sources are mixed', async () => {
    const other = { type: 'other', uid: 'other' };
    const sources: Partial<DataSourceSrv> = {
      getInstanceSettings: (ref) => (ref === other ? { ...settings, ...other, id: 2 } : settings),
    };
    setDataSourceSrv(sources as DataSourceSrv);
    const bodies = await send(
      request(
        query({ query: "SELECT '$exe'", datasource: { type: 'mm', uid: 'mm' } }),
        query({ refId: 'B', query: "SELECT '$exe'", datasource: other })
      )
    );
    expect(Object.values(bodies)).toMatchObject([
      {
        queries: [
          { refId: 'A', query: "SELECT 'it''s'", adHocFilters: AD_HOC },
          { refId: 'B', query: "SELECT '$exe'" },
        ],
      },
    ]);
    expect(Object.values(bodies)[0].queries?.[1]).not.toHaveProperty('adHocFilters');
  });

  it.each([
    ['mixed-0-Q1', 'ends', true],
    ['Q1', 'may emit another result', false],
  ])('emits a result while a lookup runs. After the result, the request %s %s', async (requestId, _end, hasEnded) => {
    const fields = [
      { name: 'time', type: 'time' },
      { name: 'value', type: 'number', labels: { process_id: 'id-1' } },
    ];
    const schema = { refId: 'A', meta: { type: 'timeseries-multi' }, fields };
    respondWith(({ url }) =>
      url.endsWith('/resources/lookup')
        ? new Promise(() => undefined)
        : Promise.resolve({ results: { A: { status: 200, frames: [{ schema, data: { values: [[0], [1]] } }] } } })
    );
    const outcome = { series: 0, hasEnded: false };
    await new Promise<void>((resolve) => {
      const subscription = datasource.query({ ...request(query({ query: 'SELECT 1' })), requestId }).subscribe({
        next: ({ data }) => {
          outcome.series += data.length;
          setTimeout(() => {
            // Without this call, the timer of the lookup would still run after the test.
            subscription.unsubscribe();
            resolve();
          }, 0);
        },
        complete: () => (outcome.hasEnded = true),
      });
    });
    expect(outcome).toEqual({ series: 1, hasEnded });
  });

  it('contains no query on a public dashboard, where Grafana runs the saved queries', async () => {
    config.publicDashboardAccessToken = 'token';
    const bodies = await send(request(query({ query: 'SELECT 1' })));
    config.publicDashboardAccessToken = '';
    expect(Object.keys(bodies)).toEqual(['/api/public/dashboards/token/panels/7/query']);
    expect(JSON.stringify(bodies)).not.toMatch(/SELECT|level/);
  });
});

it('adds the variables that have no value to the error of a query', async () => {
  const templates = { ...templatesOf({}), ...fixedTemplates({ rows: { value: '' } }) };
  const schema = { refId: 'A', meta: { custom: { code: 'query_invalid' } }, fields: [] };
  const failed = { error: 'The query has an error.', status: 400, frames: [{ schema, data: { values: [] } }] };
  const sent: MicromegasQuery[] = [];
  respondWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: { A: failed } };
  });
  const request = {
    requestId: 'Q1',
    app: CoreApp.Dashboard,
    range: getDefaultTimeRange(),
    scopedVars: {},
    targets: [query({ query: 'SELECT 1 LIMIT $rows' })],
  } as Partial<DataQueryRequest<MicromegasQuery>>;
  const { errors } = await lastValueFrom(
    new MicromegasDataSource(settings, templates).query(request as DataQueryRequest<MicromegasQuery>)
  );
  expect(sent).toMatchObject([{ query: 'SELECT 1 LIMIT ' }]);
  expect(errors?.[0].message).toContain('Variables without a value: $rows.');
});

describe('Save & test', () => {
  const details = { stages: [] };

  it('asks the backend once, and announces the result with its details to the settings page', async () => {
    const announced: unknown[] = [];
    const remove = onTest('mm', (result) => announced.push(result));
    const body = { status: 'OK', message: 'Connected.', details };
    const asked = respondWith(async () => body);
    expect(await datasource.testDatasource()).toMatchObject({ status: 'success', message: 'Connected.' });
    remove();
    await datasource.testDatasource();
    expect(await Promise.all(announced)).toEqual([body]);
    expect(asked).toEqual(Array(2).fill('/api/datasources/uid/mm/health'));
  });

  it('announces a failure, too', async () => {
    const announced: unknown[] = [];
    const remove = onTest('mm', (result) => announced.push(result));
    const body = { status: 'ERROR', message: 'Wrong key.', details };
    respondWith(() => Promise.reject(Object.assign(new Error('Bad request'), { status: 400, data: body })));
    await expect(datasource.testDatasource()).rejects.toMatchObject({ status: 'error', message: 'Wrong key.' });
    remove();
    expect(await Promise.all(announced)).toEqual([body]);
  });

  it('says that the backend does not respond, in place of the message of Grafana', async () => {
    const data = { statusCode: 500, messageId: 'plugin.healthCheck', message: 'Plugin health check failed' };
    respondWith(() => Promise.reject(Object.assign(new Error('x'), { status: 500, data })));
    await expect(datasource.testDatasource()).rejects.toMatchObject({
      message: 'The backend of the plugin does not respond (Grafana: Plugin health check failed)',
      error: { details: { message: expect.stringContaining('the sidecar does not run') } },
    });
  });

  it('keeps the message of another error of Grafana', async () => {
    const data = { message: 'Access denied' };
    respondWith(() => Promise.reject(Object.assign(new Error('x'), { status: 403, data })));
    await expect(datasource.testDatasource()).rejects.toMatchObject({ message: 'Access denied' });
  });
});

it.each([
  ['no search', {}, "SELECT '%'"],
  ['a search', { searchFilter: 'ap' }, "SELECT 'ap%'"],
])('sets the search filter in metricFindQuery: %s', async (_name, options, expected) => {
  const sent: MicromegasQuery[] = [];
  respondWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: {} };
  });
  await datasource.metricFindQuery("SELECT '$__searchFilter'", { range: getDefaultTimeRange(), ...options });
  expect(sent).toMatchObject([{ query: expected, purpose: 'variable' }]);
});

it.each([
  ['Asia/Kathmandu', 'Asia/Kathmandu'],
  ['utc', 'UTC'],
  ['browser', Intl.DateTimeFormat().resolvedOptions().timeZone],
  ['', Intl.DateTimeFormat().resolvedOptions().timeZone],
])('sends the time zone of a request outside of dashboards: %j', async (timezone, expected) => {
  const sent: MicromegasQuery[] = [];
  respondWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: {} };
  });
  const request = {
    requestId: 'x',
    interval: '1m',
    intervalMs: 60_000,
    range: getDefaultTimeRange(),
    scopedVars: {},
    app: CoreApp.Explore,
    startTime: 0,
  };
  const targets = [query({ query: 'SELECT 1', timezone: 'Europe/Paris' })];
  await firstValueFrom(datasource.query({ ...request, timezone, targets }));
  expect(sent).toMatchObject([{ query: 'SELECT 1', timezone: expected }]);
});

it("inserts variables and sends the time zone in Explore's live mode", async () => {
  const sent: MicromegasQuery[] = [];
  respondWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: {} };
  });
  const request = {
    requestId: 'explore_1',
    liveStreaming: true,
    range: getDefaultTimeRange(),
    scopedVars: {},
    timezone: 'utc',
    targets: [query({ query: "SELECT '$exe'", format: 'logs' })],
  } as Partial<DataQueryRequest<MicromegasQuery>>;
  const first = await firstValueFrom(datasource.query(request as DataQueryRequest<MicromegasQuery>));
  expect(sent).toMatchObject([
    { refId: 'A', query: "SELECT 'it''s'", timezone: 'UTC', tail: { kind: 'lines', ageSeconds: expect.any(Number) } },
  ]);
  expect(first).toMatchObject({ key: 'live-tail-explore_1', state: 'Streaming', data: [{ refId: 'A', length: 0 }] });
});
