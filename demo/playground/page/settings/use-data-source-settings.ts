/** The settings of one data source as the settings page edits them, and saving them as Grafana does. */
import { type DataSourceJsonData, type DataSourceSettings } from '@grafana/data';
import { useCallback, useEffect, useState } from 'react';
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

/** Loads, edits and saves. One data source per component: another uid takes another component. */
export function useDataSourceSettings(uid: string): SettingsEditing {
  const { backend, dataSources } = useRuntime();
  const [settings, setSettings] = useState<EditedSettings>();
  const [error, setError] = useState<string>();
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}`;

  useEffect(() => {
    backend.get<EditedSettings>(url).then(setSettings, (reason: unknown) => setError(words(reason)));
  }, [backend, url]);

  const save = useCallback(async () => {
    if (!settings || settings.readOnly) {
      return;
    }
    try {
      const { datasource } = await backend.put<SavedAnswer>(url, settings);
      setSettings(datasource);
      const known = dataSources.getInstanceSettings(uid);
      if (known) {
        dataSources.update({ ...known, name: datasource.name, jsonData: datasource.jsonData });
      }
    } catch (reason) {
      throw new Error(words(reason));
    }
  }, [backend, dataSources, settings, uid, url]);

  return { settings, error, edit: setSettings, save };
}
