import { Combobox } from '@grafana/ui';
import React, { useMemo } from 'react';
import { navigate, type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';

/** Switches to another data source on the same screen. */
export function DataSourceChoice({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const list = dataSources.getList();
  // Memoized, since Combobox treats a new object as another choice.
  const options = useMemo(() => list.map(({ uid, name }) => ({ value: uid, label: name })), [list]);
  return (
    <Combobox
      aria-label="Data source"
      options={options}
      value={dataSources.getInstanceSettings(location.uid || null)?.uid ?? null}
      width={32}
      onChange={({ value }) => navigate({ ...location, uid: value, left: undefined })}
    />
  );
}
