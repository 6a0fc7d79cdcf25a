/** Passes the function that opens the context of a log line (the lines around it) to the details of the line. */
import { type DataFrame } from '@grafana/data';
import { createContext, useContext } from 'react';

/** Undefined if the data source has no context for log lines. */
export type ShowContext = ((frame: DataFrame, rowIndex: number) => void) | undefined;

export const LogContextContext = createContext<ShowContext>(undefined);

export function useShowContext(): ShowContext {
  return useContext(LogContextContext);
}
