/** Tells time series from other results. */
import { type DataFrame } from '@grafana/data';

export const isTimeSeries = ({ meta }: Pick<DataFrame, 'meta'>) => meta?.type?.startsWith('timeseries') === true;
