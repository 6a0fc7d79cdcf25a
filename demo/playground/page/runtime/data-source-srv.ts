/** Finds data sources by uid, name or reference, and creates one object of the plugin's class for each. */
import { type DataSourceApi, type DataSourceInstanceSettings, type DataSourceRef } from '@grafana/data';
import { type DataSourceSrv } from '@grafana/runtime';
import { type LoadedPlugin } from '../loader/load-plugin';

type Ref = DataSourceRef | string | null;

export class PlaygroundDataSourceSrv implements DataSourceSrv {
  readonly #plugin: LoadedPlugin;
  #settings: DataSourceInstanceSettings[];
  readonly #live = new Map<string, DataSourceApi>();

  constructor(plugin: LoadedPlugin, settings: DataSourceInstanceSettings[]) {
    this.#plugin = plugin;
    this.#settings = settings;
  }

  /** Updates the settings. The next `get` creates a new object with these settings. */
  update(settings: DataSourceInstanceSettings): void {
    this.#settings = this.#settings.map((each) => (each.uid === settings.uid ? settings : each));
    this.#live.delete(settings.uid);
  }

  get(ref?: Ref): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(ref);
    if (!settings) {
      return Promise.reject(new Error(`Datasource ${JSON.stringify(ref)} was not found`));
    }
    const known = this.#live.get(settings.uid);
    if (known) {
      return Promise.resolve(known);
    }
    const created = new this.#plugin.DataSourceClass(settings);
    // Grafana's plugin loader sets both fields.
    created.components = this.#plugin.components;
    created.meta ??= settings.meta;
    this.#live.set(settings.uid, created);
    return Promise.resolve(created);
  }

  getList(): DataSourceInstanceSettings[] {
    return this.#settings;
  }

  getInstanceSettings(ref?: Ref): DataSourceInstanceSettings | undefined {
    const wanted = typeof ref === 'string' ? ref : ref?.uid;
    if (wanted === undefined || wanted === 'default') {
      return this.#settings.find((each) => each.isDefault) ?? this.#settings[0];
    }
    return this.#settings.find((each) => each.uid === wanted || each.name === wanted);
  }

  reload(): void {
    this.#live.clear();
  }

  registerRuntimeDataSource(): void {
    throw new Error('The playground has no runtime data sources.');
  }
}
