import { type DataFrame, type DataQueryResponse } from '@grafana/data';
import { Drawer } from '@grafana/ui';
import React from 'react';
import { QueryStats } from './QueryStats';

interface Props {
  response: DataQueryResponse | undefined;
  onClose: () => void;
}

/** The executed SQL, the statistics and the metadata of a result. */
export function QueryInspector({ response, onClose }: Props) {
  const frames = (response?.data ?? []) as DataFrame[];
  return (
    <Drawer title="Inspect query" size="md" onClose={onClose}>
      {frames.length === 0 ? <p>Run a query first.</p> : null}
      {frames.map((frame, index) => (
        <section key={index}>
          <h4>
            {frame.refId}: {frame.length} rows, {frame.fields.length} fields
          </h4>
          <h5>Executed query</h5>
          <pre data-testid="executed query">{frame.meta?.executedQueryString ?? 'Not available.'}</pre>
          {frame.meta?.stats?.length ? (
            <>
              <h5>Statistics</h5>
              <QueryStats stats={frame.meta.stats} />
            </>
          ) : null}
          <h5>Meta data</h5>
          <pre>{JSON.stringify({ ...frame.meta, executedQueryString: undefined }, null, 2)}</pre>
          <h5>Fields</h5>
          <pre>
            {JSON.stringify(
              frame.fields.map(({ name, type, labels }) => ({ name, type, labels })),
              null,
              2
            )}
          </pre>
        </section>
      ))}
    </Drawer>
  );
}
