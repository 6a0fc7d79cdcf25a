/**
 * Loads the built plugin as Grafana does. The plugin's module.js is an AMD module: `define([dependencies], factory)`.
 * The factory gets Grafana's copies of the shared packages, and a `module` with the URL of the plugin's files.
 */
import { DataSourcePlugin, type DataSourceApi, type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { SHARED_MODULES } from './shared-modules';

type Factory = (...dependencies: unknown[]) => unknown;
type Define = ((...parts: unknown[]) => void) & { amd?: object };

declare global {
  interface Window {
    define?: Define;
  }
}

export type LoadedPlugin = DataSourcePlugin<
  DataSourceApi<DataQuery, DataSourceJsonData>,
  DataQuery,
  DataSourceJsonData,
  Record<string, string>
>;

interface Definition {
  dependencies: string[];
  factory: Factory;
}

/** `define` may be called with or without a name, and without dependencies. */
function definition(parts: unknown[]): Definition {
  const [dependencies, factory] = parts.filter((part) => typeof part !== 'string');
  if (typeof dependencies === 'function') {
    return { dependencies: [], factory: dependencies as Factory };
  }
  if (!Array.isArray(dependencies) || typeof factory !== 'function') {
    throw new Error('The plugin is not built as an AMD module.');
  }
  return { dependencies: dependencies.map(String), factory: factory as Factory };
}

/** Runs a script and returns the arguments of its call of `define`. */
function readDefinition(url: string): Promise<Definition> {
  return new Promise((resolve, reject) => {
    let found: Definition | undefined;
    const define: Define = (...parts) => {
      found = definition(parts);
    };
    define.amd = {};
    window.define = define;
    const script = document.createElement('script');
    const settle = (act: () => void) => {
      delete window.define;
      act();
    };
    script.src = url;
    script.onload = () =>
      settle(() => (found ? resolve(found) : reject(new Error(`${url} defined no module. Was the plugin built?`))));
    script.onerror = () => settle(() => reject(new Error(`${url} cannot be loaded. Was the plugin built?`)));
    document.head.append(script);
  });
}

function dependency(name: string, uri: string): unknown {
  if (name === 'module') {
    return { id: uri, uri };
  }
  if (name in SHARED_MODULES) {
    return SHARED_MODULES[name];
  }
  throw new Error(`The plugin imports "${name}", which the playground does not share. Grafana may share it.`);
}

/**
 * The plugin that module.js exports.
 *
 * @param path As in the plugin's metadata, for example `public/plugins/<id>/module.js`.
 */
export async function loadPlugin(path: string): Promise<LoadedPlugin> {
  const uri = new URL(`/${path}`, window.location.origin).href;
  const { dependencies, factory } = await readDefinition(uri);
  const exports: Record<string, unknown> = {};
  const values = dependencies.map((name) => (name === 'exports' ? exports : dependency(name, uri)));
  // module.ts has a top-level await, so webpack makes the AMD module a promise, which Grafana's loader awaits.
  const result = (await factory(...values)) ?? exports;
  const plugin = (result as { plugin?: unknown }).plugin;
  if (!(plugin instanceof DataSourcePlugin)) {
    throw new Error('module.js exports no "plugin" that is a DataSourcePlugin.');
  }
  return plugin as LoadedPlugin;
}
