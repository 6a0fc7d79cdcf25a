/**
 * Opens telemetry with hostile strings in every view, with the mouse over its parts and its details open. The strings
 * must stay strings: the browser must not run them, create elements from them, or open addresses in them.
 */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { TestClient } from '../../demo/lakehouse/test-client';
import { type HostileLakehouse, startHostileLakehouse } from '../support/hostile-lakehouse';
import { HOSTILE_STRINGS } from '../support/hostile-strings';
import { expect, test as base } from './grafana';
import { HOSTILE_VIEWS, type HostileView, type TelemetryIds } from './hostile-views';

/** Records code that ran, dialogs, errors, and requests to other hosts. */
async function watch(page: Page, origin: string): Promise<string[]> {
  const events: string[] = [];
  await page.exposeFunction('reportAttack', (id: unknown) => void events.push(`ran ${String(id)}`));
  await page.addInitScript('window.attacked = (id) => window.reportAttack(id)');
  page.on('dialog', (dialog) => {
    events.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => events.push(`error ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin) {
      events.push(`request ${url.href}`);
    }
  });
  return events;
}

/** Elements that were created from strings, and links that leave Grafana or run code. */
const elementsFromStrings = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-attacked], a[href], iframe, form[action]')]
      .filter((element) => {
        const address = element.getAttribute('href') ?? element.getAttribute('action') ?? '';
        return element.hasAttribute('data-attacked') || new URL(address, location.href).origin !== location.origin;
      })
      .map((element) => element.outerHTML.slice(0, 300))
  );

interface Lake extends HostileLakehouse {
  ids: TelemetryIds;
}

async function readIds({ address }: HostileLakehouse): Promise<TelemetryIds> {
  const client = new TestClient(address);
  try {
    const [trace] = await client.rows(
      `SELECT property_get(properties, 'otel.trace_id') AS id FROM log_entries
       WHERE property_get(properties, 'otel.trace_id') IS NOT NULL ORDER BY time DESC LIMIT 1`
    );
    const [process] = await client.rows(
      `SELECT process_id AS id FROM processes WHERE exe = 'ember-server' ORDER BY start_time DESC LIMIT 1`
    );
    return { trace: String(trace.id), process: String(process.id) };
  } finally {
    client.close();
  }
}

interface Fixtures {
  hostile: DataSourceSettings;
  events: string[];
}

const test = base.extend<Fixtures, { lakehouse: Lake }>({
  lakehouse: [
    async ({}, use) => {
      const lakehouse = await startHostileLakehouse();
      await use({ ...lakehouse, ids: await readIds(lakehouse) });
      await lakehouse.close();
    },
    { scope: 'worker' },
  ],
  hostile: async ({ lakehouse, createDataSource, grafanaAPIClient }, use) => {
    const source = await createDataSource({
      name: `Hostile ${test.info().testId}`,
      type: PLUGIN_ID,
      access: 'proxy',
      jsonData: { host: lakehouse.address, selectedAuthType: 'none' },
    });
    await use(source);
    await grafanaAPIClient.deleteDataSourceByUID(source.uid);
  },
  events: async ({ page, baseURL }, use) => {
    const events = await watch(page, new URL(baseURL ?? '').origin);
    await use(events);
  },
});

test.use({ hasOwnContext: true });

/** Saves a dashboard with one panel. @returns The path of the dashboard. */
async function saveDashboard(
  request: APIRequestContext,
  { uid, type }: DataSourceSettings,
  { name, panel, options, minutes = 60 }: HostileView,
  query: object,
  toMs: number
): Promise<string> {
  const dashboard = {
    title: `Hostile ${uid}`,
    schemaVersion: 41,
    time: { from: new Date(toMs - minutes * 60_000).toISOString(), to: new Date(toMs).toISOString() },
    panels: [
      {
        id: 1,
        type: panel,
        title: name,
        gridPos: { x: 0, y: 0, w: 24, h: 20 },
        datasource: { uid, type },
        options: options ?? {},
        targets: [{ refId: 'A', version: 2, rawEditor: true, ...query }],
      },
    ],
  };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { url }: { url: string } = await saved.json();
  return url;
}

const plain = (string: string) => string.replaceAll(/[\s\p{C}]+/gu, '');
/** The strings as a browser shows them, without spaces and invisible characters. */
const SHOWN = HOSTILE_STRINGS.map(plain).filter((string) => string.length > 8);

/** True if one of the elements shows a hostile string. */
async function showsHostile(elements: Locator): Promise<boolean> {
  const shown = plain((await elements.allInnerTexts()).join(' '));
  return SHOWN.some((string) => shown.includes(string));
}

/** Moves the mouse over the panel. @returns True if the panel or a tooltip showed a hostile string. */
async function hoverOver(page: Page, panel: Locator, shown: Locator): Promise<boolean> {
  const { x, y, width, height } = (await panel.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  let isHostile = await showsHostile(shown);
  for (const column of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    for (const row of [0.1, 0.3, 0.5, 0.75]) {
      await page.mouse.move(x + column * width, y + row * height);
      isHostile ||= await showsHostile(shown);
    }
  }
  return isHostile;
}

for (const view of HOSTILE_VIEWS) {
  test(`shows hostile strings as text: ${view.name}`, async ({ hostile, lakehouse, request, page, events }) => {
    const path = await saveDashboard(request, hostile, view, view.query(lakehouse.ids), lakehouse.startMs);
    await page.goto(`${path}?viewPanel=panel-1`);
    const panel = page.locator('[data-viz-panel-key], section[data-testid*="Panel header"]').first();
    const shown = panel.or(page.locator('#grafana-portal-container'));
    await view.open?.(panel, page);
    await expect(async () => {
      if (view.hasTooltip === undefined) {
        expect(await hoverOver(page, panel, shown)).toBe(true);
      } else {
        await page.mouse.move(0, 0);
        await view.hasTooltip(panel).hover();
        await expect.poll(() => showsHostile(shown), { timeout: 5_000 }).toBe(true);
      }
    }).toPass();
    expect(await elementsFromStrings(page)).toEqual([]);
    expect(events).toEqual([]);
  });
}
