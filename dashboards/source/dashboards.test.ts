import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadParser } from '../../contract/sql/testing/load-parser';
import { queryProblem } from '../../contract/queries/query-bounds';
import { readQuery, sqlOf } from '../../contract/queries/query';
import { isViewQuery } from '../../contract/query-types/view-request';
import { readIncremental } from '../../proxy/sql/edit/incremental-query';
import { checkedSql } from '../../proxy/sql/guard/checked-sql';
import { expandMacros } from '../../proxy/sql/macros/expand-macros';
import {
  DASHBOARDS_FOLDER,
  hasBinsOfRows,
  interpolated,
  openedVariables,
  shippedDashboards,
  shippedQueries,
  variableQueries,
} from '../../tests/support/shipped-dashboards';
import { DASHBOARDS, dashboardJson } from './dashboards';

const ROOT = join(__dirname, '../..');
const SHIPPED = shippedDashboards();
/** The value of each query variable in these tests. */
const VALUE = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';

/** All values of a key, at any depth. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') {
    return [];
  }
  return Object.entries(value).flatMap(([name, item]) => [...(name === key ? [item] : []), ...valuesOf(key, item)]);
}

it('has the files that `npm run generate:dashboards` writes', () => {
  const files = readdirSync(DASHBOARDS_FOLDER).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(Object.keys(DASHBOARDS).sort());
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    expect(readFileSync(join(DASHBOARDS_FOLDER, name), 'utf8')).toBe(dashboardJson(dashboard));
  }
});

it('lists all dashboards in plugin.json, with their titles', () => {
  const { includes } = JSON.parse(readFileSync(join(ROOT, 'plugin.json'), 'utf8'));
  const expected = Object.entries(DASHBOARDS).map(([name, { title }]) => ({
    type: 'dashboard',
    name: title,
    path: `dashboards/${name}`,
  }));
  expect(includes).toEqual(expected);
});

it('has unique uids and titles', () => {
  for (const key of ['uid', 'title'] as const) {
    expect(new Set(SHIPPED.map((dashboard) => dashboard[key])).size).toBe(SHIPPED.length);
  }
});

it('can refresh all panels with time bins of log lines and measures in parts', () => {
  const parse = loadParser();
  const binned = SHIPPED.flatMap(shippedQueries)
    .map(({ use, place, model }) => ({ use, place, sql: sqlOf(model) }))
    .filter(({ use, sql }) => use === 'panel' && hasBinsOfRows(sql))
    .map(({ place, sql }) => ({ place, kind: readIncremental(sql, parse).kind }));
  expect(binned.length).toBeGreaterThan(5);
  expect(binned.filter(({ kind }) => kind !== 'incremental')).toEqual([]);
});

describe.each(SHIPPED)('$title', (dashboard) => {
  it('has schema version 41, a uid, a revision and no id', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 41, tags: ['micromegas'], refresh: '' });
    expect(dashboard.uid).toMatch(/^micromegas-[a-z-]{1,29}$/);
    expect(dashboard.revision).toBeGreaterThan(0);
    expect(dashboard).not.toHaveProperty('id');
  });

  it('queries only the data source of its variable', () => {
    const [first] = dashboard.templating.list;
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', current: { value: '${DS_MICROMEGAS}' } });
    const sources = new Set(valuesOf('datasource', dashboard).map((source) => JSON.stringify(source)));
    expect([...sources]).toEqual(['{"type":"micromegas-micromegas-datasource","uid":"${datasource}"}']);
  });

  it('links only to the other dashboards, by their tag, and to Explore', () => {
    expect(dashboard.links).toMatchObject([
      { type: 'dashboards', tags: ['micromegas'], includeVars: true, keepTime: true },
    ]);
    for (const url of valuesOf('url', dashboard.panels)) {
      expect(url).toMatch(/^\/explore\?schemaVersion=1&panes=/);
    }
  });

  it('has panels in the grid, each with a unique id, a title and a description', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, gridPos } of dashboard.panels) {
      expect(title).not.toBe('');
      expect(description).toMatch(/\.$/);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });

  it('fits the columns of its tables into a screen with 1,440 pixels beside the docked menu of Grafana', () => {
    for (const { type, title, gridPos, fieldConfig } of dashboard.panels) {
      const pixels = (fieldConfig?.overrides ?? []).map(({ properties }) => {
        const valueOf = (id: string) => properties.find((property) => property.id === id)?.value;
        return valueOf('custom.hidden') === true
          ? 0
          : Number(valueOf('custom.width') ?? valueOf('custom.minWidth') ?? 0);
      });
      const sum = pixels.reduce((total, each) => total + each, 0);
      // Measured in Grafana 12.4: 1,089 pixels in a panel of 24 columns, 531 in a panel of 12.
      expect({ title, fits: type !== 'table' || sum <= gridPos.w * 46.5 - 27 }).toEqual({ title, fits: true });
    }
  });

  it('has a column that takes the remaining width in each table with columns of a fixed width', () => {
    for (const { type, title, fieldConfig } of dashboard.panels) {
      // The first override is for all columns.
      const [, ...columns] = fieldConfig?.overrides ?? [];
      const isFixed = columns.map(({ properties }) =>
        properties.some(({ id, value }) => (id === 'custom.width' && value !== null) || id === 'custom.hidden')
      );
      const isFilled = type !== 'table' || isFixed.includes(false);
      expect({ title, isFilled }).toEqual({ title, isFilled: true });
    }
  });

  it('has no message that Grafana shows both for an empty result and for a failed query', () => {
    expect(valuesOf('noValue', dashboard.panels)).toEqual([]);
    const overrides = valuesOf('properties', dashboard.panels).flat();
    const texts = overrides.filter((property) => (property as { id: string }).id === 'noValue');
    // A cell without a value shows a dash.
    expect(texts.filter((property) => (property as { value: string }).value !== '–')).toEqual([]);
  });

  it('has only valid queries of version 2, whose SQL only reads data', async () => {
    const variables = await openedVariables(dashboard, () => Promise.resolve([VALUE]));
    for (const { model } of [...shippedQueries(dashboard), ...variableQueries(dashboard)]) {
      expect(model.version).toBe(2);
      expect(queryProblem(model)).toBeUndefined();
      if (!isViewQuery(model)) {
        const { sql } = readQuery(interpolated(model, variables));
        const expanded = expandMacros(sql, { fromMs: 0, toMs: 3_600_000, intervalMs: 60_000 }).toString();
        expect(checkedSql(expanded)).toBe(expanded);
      }
    }
  });

  it('limits tables and logs to at most 200 rows', () => {
    for (const { type, targets } of dashboard.panels) {
      for (const { query, processes, traces } of ['table', 'logs'].includes(type) ? targets : []) {
        const limit = processes?.limit ?? traces?.limit ?? /LIMIT (\d+)$/.exec(query ?? '')?.[1];
        expect(Number(limit)).toBeLessThanOrEqual(200);
      }
    }
  });
});
