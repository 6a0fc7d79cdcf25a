/** Loads, edits and saves the settings of a data source, like Grafana. */
import { type DataSourceJsonData, type DataSourceSettings } from '@grafana/data';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useRuntime } from '../runtime/use-runtime';

export type EditedSettings = DataSourceSettings<DataSourceJsonData, Record<string, string>>;

interface SavedResponse {
  datasource: EditedSettings;
}

export interface SettingsEditing {
  /** Undefined while the settings load. */
  settings: EditedSettings | undefined;
  error: string | undefined;
  edit: (settings: EditedSettings) => void;
  /** Saves the edited settings. Rejects with the server's message. */
  save: () => Promise<void>;
}

function messageOf(error: unknown): string {
  const data =
    error !== null && typeof error === 'object' && 'data' in error ? (error.data as { message?: string }) : undefined;
  return data?.message ?? String(error);
}

/**
 * Keeps the settings outside of React, like Grafana's Redux store. So React renders a change synchronously, as in
 * Grafana. React would render a change of component state later.
 */
class SettingsStore {
  #settings: EditedSettings | undefined;
  #notify: () => void = () => undefined;

  readonly get = (): EditedSettings | undefined => this.#settings;

  readonly set = (settings: EditedSettings): void => {
    this.#settings = settings;
    this.#notify();
  };

  readonly subscribe = (notify: () => void): (() => void) => {
    this.#notify = notify;
    return () => (this.#notify = () => undefined);
  };
}

/** A component must always pass the same uid, because the store keeps the settings of the first uid. */
export function useDataSourceSettings(uid: string): SettingsEditing {
  const { backend, dataSources } = useRuntime();
  const [store] = useState(() => new SettingsStore());
  const settings = useSyncExternalStore(store.subscribe, store.get);
  const [error, setError] = useState<string>();
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}`;

  useEffect(() => {
    backend.get<EditedSettings>(url).then(store.set, (reason: unknown) => setError(messageOf(reason)));
  }, [backend, store, url]);

  const save = useCallback(async () => {
    if (!settings || settings.readOnly) {
      return;
    }
    try {
      const { datasource } = await backend.put<SavedResponse>(url, settings);
      store.set(datasource);
      const known = dataSources.getInstanceSettings(uid);
      if (known) {
        dataSources.update({ ...known, name: datasource.name, jsonData: datasource.jsonData });
      }
    } catch (reason) {
      throw new Error(messageOf(reason));
    }
  }, [backend, dataSources, settings, store, uid, url]);

  return { settings, error, edit: store.set, save };
}
