/** The settings of one data source as the settings page edits them, and saving them as Grafana does. */
import { type DataSourceJsonData, type DataSourceSettings } from '@grafana/data';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useRuntime } from '../runtime/runtime-context';

export type EditedSettings = DataSourceSettings<DataSourceJsonData, Record<string, string>>;

interface SavedAnswer {
  datasource: EditedSettings;
}

export interface SettingsEditing {
  /** Undefined while they load. */
  settings: EditedSettings | undefined;
  error: string | undefined;
  edit: (settings: EditedSettings) => void;
  /** Saves what is edited; rejects with the server's words. */
  save: () => Promise<void>;
}

function words(error: unknown): string {
  const data =
    error !== null && typeof error === 'object' && 'data' in error ? (error.data as { message?: string }) : undefined;
  return data?.message ?? String(error);
}

/**
 * Keeps the settings outside of React, as Grafana's Redux store does: React renders a change of such a store before changes
 * of component state that were made at the same moment.
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

/** Loads, edits and saves. One data source per component: another uid takes another component. */
export function useDataSourceSettings(uid: string): SettingsEditing {
  const { backend, dataSources } = useRuntime();
  const [store] = useState(() => new SettingsStore());
  const settings = useSyncExternalStore(store.subscribe, store.get);
  const [error, setError] = useState<string>();
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}`;

  useEffect(() => {
    backend.get<EditedSettings>(url).then(store.set, (reason: unknown) => setError(words(reason)));
  }, [backend, store, url]);

  const save = useCallback(async () => {
    if (!settings || settings.readOnly) {
      return;
    }
    try {
      const { datasource } = await backend.put<SavedAnswer>(url, settings);
      store.set(datasource);
      const known = dataSources.getInstanceSettings(uid);
      if (known) {
        dataSources.update({ ...known, name: datasource.name, jsonData: datasource.jsonData });
      }
    } catch (reason) {
      throw new Error(words(reason));
    }
  }, [backend, dataSources, settings, store, uid, url]);

  return { settings, error, edit: store.set, save };
}
