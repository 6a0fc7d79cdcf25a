/** All dashboards of the plugin. */
import { type ImportableDashboard } from './dashboard';
import { fleet } from './fleet';
import { frameTime } from './frame-time';
import { lakehouseOperation } from './lakehouse-operation';
import { logsAndErrors } from './logs-and-errors';
import { oneProcess } from './one-process';
import { queryCost } from './query-cost';
import { services } from './services';
import { stability } from './stability';

/** The dashboards by file name, in the order in which plugin.json lists them. */
export const DASHBOARDS: Readonly<Record<string, ImportableDashboard>> = {
  'fleet.json': fleet,
  'logs-and-errors.json': logsAndErrors,
  'stability.json': stability,
  'frame-time.json': frameTime,
  'services.json': services,
  'one-process.json': oneProcess,
  'query-cost.json': queryCost,
  'lakehouse-operation.json': lakehouseOperation,
};

/** The content of a dashboard's file. */
export function dashboardJson(dashboard: ImportableDashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
