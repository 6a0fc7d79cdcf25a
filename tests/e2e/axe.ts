/** Accessibility problems of a page, found by axe-core. */
import { type Page } from '@playwright/test';
import { type AxeResults } from 'axe-core';
import { readFileSync } from 'node:fs';

const SOURCE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Parts of Grafana's packages that have accessibility problems. */
const IN_GRAFANA = [
  // The scrollable area of Grafana's table cannot get the focus.
  '[data-testid="data-testid table body"]',
  // The button of @grafana/scenes that runs all queries has no label.
  '[data-testid="data-testid RefreshPicker run button"]',
  // The button that cancels the running query of a panel has no label.
  '[class*="panel-header-item"]',
  // Colours of the SQL in Grafana's editor.
  '.monaco-editor .view-lines',
  // The label of a data layer in @grafana/scenes refers to another element.
  'input[id^="data-layer-"]',
];

/** @returns One line per problem that axe-core calls serious or critical: rule and elements. */
export async function seriousProblems(page: Page): Promise<string[]> {
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(
    (exclude) => (window as unknown as { axe: { run(context: object): Promise<AxeResults> } }).axe.run({ exclude }),
    IN_GRAFANA.map((selector) => [selector])
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`);
}
