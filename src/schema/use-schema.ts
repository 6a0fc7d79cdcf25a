/** The state of a schema store in a component. */
import { useEffect, useSyncExternalStore } from 'react';
import { type SchemaState, type SchemaStore } from './schema-store';

/** Starts loading when the component appears, and follows the store. */
export function useSchema(store: SchemaStore): SchemaState {
  useEffect(() => {
    void store.tables();
  }, [store]);
  return useSyncExternalStore(store.subscribe, store.getState);
}
