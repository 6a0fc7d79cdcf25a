import { type DataSourceApi } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Button, Drawer } from '@grafana/ui';
import React, { useState } from 'react';

interface Props {
  source: DataSourceApi;
  /** Newest first. */
  queries: readonly DataQuery[];
  onChoose: (query: DataQuery) => void;
}

/** The queries that this page ran, as the data source describes them for Grafana's query history. */
export function QueryHistory({ source, queries, onChoose }: Props) {
  const [isOpen, setOpen] = useState(false);
  const labelOf = (query: DataQuery) => source.getQueryDisplayText?.(query) ?? JSON.stringify(query);
  return (
    <>
      <Button variant="secondary" size="sm" icon="history" onClick={() => setOpen(true)}>
        Query history
      </Button>
      {isOpen ? (
        <Drawer title="Query history" size="md" onClose={() => setOpen(false)}>
          {queries.length === 0 ? <p>Run a query first.</p> : null}
          <ul aria-label="Queries">
            {queries.map((query, index) => (
              <li key={queries.length - index}>
                <pre>{labelOf(query)}</pre>
                <Button
                  size="sm"
                  variant="secondary"
                  onClick={() => {
                    setOpen(false);
                    onChoose(query);
                  }}
                >
                  Run again
                </Button>
              </li>
            ))}
          </ul>
        </Drawer>
      ) : null}
    </>
  );
}
