import { Combobox } from '@grafana/ui';
import React, { useMemo } from 'react';
import { navigate, type PageLocation } from '../location';
import { type DashboardName } from './saved-dashboard';

const ID = 'dashboard-choice';

/** A dropdown that opens another dashboard. */
export function DashboardChoice({
  names,
  shown,
  location,
}: {
  names: readonly DashboardName[];
  shown: string;
  location: PageLocation;
}) {
  // Memoized, since Combobox treats a new object as another choice.
  const options = useMemo(() => names.map(({ name, title }) => ({ value: name, label: title })), [names]);
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: 8, marginBottom: 8 }}>
      <label htmlFor={ID}>Dashboard</label>
      <Combobox
        id={ID}
        options={options}
        value={shown}
        width={40}
        onChange={({ value }) => navigate({ ...location, dashboard: value })}
      />
    </div>
  );
}
