import { css } from '@emotion/css';
import { Combobox } from '@grafana/ui';
import React, { useMemo } from 'react';
import { navigate, type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';

const ID = 'data-source-choice';
/** Makes the label invisible. Screen readers need the label, because Combobox ignores `aria-label`. */
const HIDDEN = css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' });

/** Switches to another data source on the same screen. */
export function DataSourceChoice({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const list = dataSources.getList();
  // Memoized, since Combobox treats a new object as another choice.
  const options = useMemo(() => list.map(({ uid, name }) => ({ value: uid, label: name })), [list]);
  return (
    <>
      <label htmlFor={ID} className={HIDDEN}>
        Data source
      </label>
      <Combobox
        id={ID}
        options={options}
        value={dataSources.getInstanceSettings(location.uid || null)?.uid ?? null}
        width={32}
        onChange={({ value }) => navigate({ ...location, uid: value, left: undefined })}
      />
    </>
  );
}
