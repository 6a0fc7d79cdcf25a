/** Hooks for the runtime of the page and its data sources. */
import { type DataSourceApi } from '@grafana/data';
import { createContext, useContext, useEffect, useState } from 'react';
import { type PlaygroundRuntime } from './set-up';

export const RuntimeContext = createContext<PlaygroundRuntime | undefined>(undefined);

/** @throws {Error} Outside of the provider. */
export function useRuntime(): PlaygroundRuntime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) {
    throw new Error('The runtime is not set up yet.');
  }
  return runtime;
}

/** The data source with this uid; undefined until it has loaded, and for an unknown uid. */
export function useDataSource(uid: string): DataSourceApi | undefined {
  const { dataSources } = useRuntime();
  const [source, setSource] = useState<DataSourceApi>();
  useEffect(() => {
    let isCurrent = true;
    const show = (found: DataSourceApi | undefined) => {
      if (isCurrent) {
        setSource(found);
      }
    };
    dataSources.get(uid).then(show, () => show(undefined));
    return () => {
      isCurrent = false;
    };
  }, [dataSources, uid]);
  return source?.uid === uid ? source : undefined;
}
