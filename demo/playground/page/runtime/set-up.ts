/** Sets the services of @grafana/runtime, as Grafana does when it starts. */
import { EventBusSrv } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import {
  config,
  setAppEvents,
  setBackendSrv,
  setCurrentUser,
  setDataSourceSrv,
  setEchoSrv,
  setLocationSrv,
  setPluginImportUtils,
  setPluginLinksHook,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import * as unstableRuntime from '@grafana/runtime/unstable';
import { loadPlugin, type LoadedPlugin } from '../loader/load-plugin';
import { PlaygroundBackendSrv } from './backend-srv';
import { PlaygroundDataSourceSrv } from './data-source-srv';
import { runRequest } from './run-request';
import { DashboardTemplates } from './scene-templates';
import { PlaygroundTemplateSrv } from './template-srv';

/** Services and plugin for the screens. */
export interface PlaygroundRuntime {
  plugin: LoadedPlugin;
  backend: PlaygroundBackendSrv;
  dataSources: PlaygroundDataSourceSrv;
  templates: PlaygroundTemplateSrv;
  dashboard: DashboardTemplates;
}

/** @grafana/runtime 13 uses loggers that Grafana creates when it starts. Version 12 has none. */
function setUpLoggers(): void {
  const { initializeLoggersRegistry }: { unstable?: unknown; initializeLoggersRegistry?: unknown } = unstableRuntime;
  if (typeof initializeLoggersRegistry === 'function') {
    initializeLoggersRegistry();
  }
}

/** Sets up the runtime and loads the plugin. */
export async function setUpRuntime(): Promise<PlaygroundRuntime> {
  window.MonacoEnvironment = { getWorker: () => new Worker('/public/playground/editor-worker.js') };
  setUpLoggers();
  const backend = new PlaygroundBackendSrv();
  const dashboard = new DashboardTemplates();
  const templates = new PlaygroundTemplateSrv(dashboard);
  setBackendSrv(backend);
  setTemplateSrv(templates);
  setCurrentUser(config.bootData.user);
  setAppEvents(new EventBusSrv());
  // Grafana reports usage here. The playground does not.
  setEchoSrv({ addEvent: () => undefined, addBackend: () => undefined, flush: () => undefined });
  setLocationSrv({ update: () => undefined });
  setPluginLinksHook(() => ({ isLoading: false, links: [] }));
  setRunRequest(runRequest);
  // The dashboard registers its panels with @grafana/scenes. No other panels exist.
  setPluginImportUtils({
    getPanelPluginFromCache: () => undefined,
    importPanelPlugin: (id) => Promise.reject(new Error(`The playground has no panel "${id}".`)),
  });
  await initPluginTranslations('grafana');
  const settings = Object.values(config.datasources);
  const plugin = await loadPlugin(settings[0].meta.module);
  plugin.meta = settings[0].meta;
  const dataSources = new PlaygroundDataSourceSrv(plugin, settings);
  setDataSourceSrv(dataSources);
  return { plugin, backend, dataSources, templates, dashboard };
}
