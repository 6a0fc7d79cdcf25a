/**
 * The dialog "Log context". It calls the data source as Grafana's dialog does, but reads only one page of lines in each
 * direction.
 */
import {
  type DataFrame,
  type DataSourceApi,
  type DataSourceWithLogsContextSupport,
  hasLogsContextSupport,
  LogRowContextQueryDirection,
  type LogRowModel,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Alert, LoadingPlaceholder, Modal } from '@grafana/ui';
import React, { type ReactNode, useCallback, useEffect, useState } from 'react';
import { LogContextContext } from './log-context';
import { LogLines } from './LogsView';

const PAGE_LINES = 100;

interface Props {
  source: DataSourceApi;
  query: DataQuery;
  children: ReactNode;
}

export function LogContextProvider({ source, query, children }: Props) {
  const [row, setRow] = useState<LogRowModel>();
  const show = useCallback((frame: DataFrame, rowIndex: number) => setRow(rowModel(frame, rowIndex)), []);
  return (
    <LogContextContext.Provider value={hasLogsContextSupport(source) ? show : undefined}>
      {children}
      {row && hasLogsContextSupport(source) ? (
        <ContextDialog source={source} query={query} row={row} onClose={() => setRow(undefined)} />
      ) : null}
    </LogContextContext.Provider>
  );
}

/** The parts of Grafana's row that data sources read. */
function rowModel(dataFrame: DataFrame, rowIndex: number): LogRowModel {
  return { dataFrame, rowIndex, labels: {} } as Partial<LogRowModel> as LogRowModel;
}

interface DialogProps {
  source: DataSourceWithLogsContextSupport;
  query: DataQuery;
  row: LogRowModel;
  onClose: () => void;
}

type Lines = { newer: DataFrame[]; older: DataFrame[] } | { error: string };

function ContextDialog({ source, query, row, onClose }: DialogProps) {
  const [lines, setLines] = useState<Lines>();
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const load = async (direction: LogRowContextQueryDirection): Promise<DataFrame[]> =>
      (await source.getLogRowContext(row, { direction, limit: PAGE_LINES }, query)).data;
    void Promise.all([load(LogRowContextQueryDirection.Forward), load(LogRowContextQueryDirection.Backward)]).then(
      ([newer, older]) => isCurrent && setLines({ newer, older }),
      (reason: Error) => isCurrent && setLines({ error: reason.message })
    );
    return () => {
      isCurrent = false;
    };
  }, [source, query, row, loads]);
  const reload = () => {
    setLines(undefined);
    setLoads((count) => count + 1);
  };
  return (
    <Modal isOpen title="Log context" onDismiss={onClose}>
      {source.getLogRowContextUi?.(row, reload, query)}
      <LogContextContext.Provider value={undefined}>
        {lines === undefined ? <LoadingPlaceholder text="Loading..." /> : <ContextLines lines={lines} row={row} />}
      </LogContextContext.Provider>
    </Modal>
  );
}

function ContextLines({ lines, row }: { lines: Lines; row: LogRowModel }) {
  return 'error' in lines ? (
    <Alert severity="error" title={lines.error} />
  ) : (
    <>
      <Section name="Newer lines" frames={lines.newer} />
      <Section name="This line" frames={[onlyRow(row)]} />
      <Section name="Older lines" frames={lines.older} />
    </>
  );
}

function Section({ name, frames }: { name: string; frames: DataFrame[] }) {
  return (
    <section aria-label={name}>
      {frames.map((frame, index) => (
        <LogLines key={index} frame={frame} maxHeight={220} />
      ))}
    </section>
  );
}

function onlyRow({ dataFrame, rowIndex }: LogRowModel): DataFrame {
  const fields = dataFrame.fields.map((field) => ({
    ...field,
    values: [field.values[rowIndex]],
    nanos: field.nanos && [field.nanos[rowIndex] ?? 0],
  }));
  return { ...dataFrame, length: 1, fields };
}
