import { type DataSourceApi } from '@grafana/data';
import { useEffect, useState } from 'react';
import { useRuntime } from '../runtime/runtime-context';

/** The data source with this uid; undefined until it has loaded. */
export function useDataSource(uid: string): DataSourceApi | undefined {
  const { dataSources } = useRuntime();
  const [source, setSource] = useState<DataSourceApi>();
  useEffect(() => {
    let isCurrent = true;
    void dataSources.get(uid).then((found) => {
      if (isCurrent) {
        setSource(found);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [dataSources, uid]);
  return source;
}
