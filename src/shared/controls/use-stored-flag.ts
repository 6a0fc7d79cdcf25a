/** A choice that the browser remembers, for all data sources of this plugin. */
import { store } from '@grafana/data';
import { useState } from 'react';
import { PLUGIN_ID } from '../../../contract/plugin-id';

/**
 * Like `useState`, with a value in Grafana's local store. If one editor changes the value, the other open editors keep
 * their own value.
 *
 * @param name     Name of the choice. The key in the store begins with the id of the plugin.
 * @param fallback The value until the user has chosen one.
 */
export function useStoredFlag(name: string, fallback: boolean): [value: boolean, choose: (value: boolean) => void] {
  const key = `${PLUGIN_ID}.${name}`;
  const [value, setValue] = useState(() => store.getBool(key, fallback));
  const choose = (chosen: boolean) => {
    setValue(chosen);
    try {
      store.set(key, chosen);
    } catch {
      // The store of the browser is full. The choice lasts as long as the editor.
    }
  };
  return [value, choose];
}
