/** Converts the found traces to a table. */
import { formatCount } from '../../frames/data-frames/format-count';
import { type ComposedField, type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { COLORED_CELL, countConfig, type FieldConfig } from '../../frames/data-frames/column-display';
import { TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { shownName } from '../../base/errors/foreign-string';
import { StringSet } from '../../../contract/string-map';
import { type FoundTrace } from './found-traces';
import { type SearchResult } from './search-traces';
import { tableLinks } from './trace-links';

/** Widths of columns in pixels. The first four columns together are visible in half of a screen of 1,440 pixels. */
const NARROW = 80;
const ID_WIDTH = 140;
const TIME_WIDTH = 190;
const DURATION_WIDTH = 100;
/** Minimum width of a column with names. */
const NAME_WIDTH = 150;
/** Maximum number of programs that a notice names. */
const MAX_NAMED = 5;

const STATUS_CONFIG: FieldConfig = {
  displayName: 'Status',
  mappings: [
    {
      type: 'value',
      options: { failed: { text: 'Failed', color: 'red', index: 0 }, ok: { text: 'OK', color: 'green', index: 1 } },
    },
  ],
  custom: { ...COLORED_CELL, width: NARROW },
};

/** Returns the table. @param target The data source, for links to the traces. Undefined: no links. */
export function searchFrame(result: SearchResult, target: LinkTarget | undefined): ComposedFrame {
  const { traces } = result;
  const links = tableLinks(target);
  const linksOf = (name: string) => (links[name] === undefined ? {} : { links: links[name] });
  const values = <T>(value: (trace: FoundTrace) => T): T[] => traces.map(value);
  const width = (pixels: number) => ({ custom: { width: pixels } });
  const fields: ComposedField[] = [
    {
      kind: 'utf8',
      name: 'status',
      values: values(({ errors }) => (errors > 0 ? 'failed' : 'ok')),
      config: STATUS_CONFIG,
    },
    {
      kind: 'utf8',
      name: 'trace_id',
      values: values(({ id }) => id),
      config: { displayName: 'Trace', ...width(ID_WIDTH), ...linksOf('trace_id') },
    },
    {
      kind: 'timestamp',
      name: 'start',
      values: values(({ startNs }) => startNs),
      config: { displayName: 'Start', ...width(TIME_WIDTH) },
    },
    {
      kind: 'float64',
      name: 'errors',
      values: values(({ errors }) => errors),
      config: { displayName: 'Errors', ...countConfig('red', NARROW), ...linksOf('errors') },
    },
    {
      kind: 'float64',
      name: 'duration',
      values: values(({ startNs, endNs }) => Number(endNs - startNs)),
      config: { displayName: 'Duration', unit: 'ns', ...width(DURATION_WIDTH) },
    },
    {
      kind: 'utf8',
      name: 'service',
      values: values(({ rootExe }) => rootExe),
      config: { displayName: 'Root service', custom: { minWidth: NAME_WIDTH } },
    },
    {
      kind: 'utf8',
      name: 'operation',
      values: values(({ rootName }) => rootName),
      config: { displayName: 'Root operation', custom: { minWidth: NAME_WIDTH } },
    },
    {
      kind: 'float64',
      name: 'spans',
      values: values(({ spans }) => spans),
      config: { displayName: 'Spans', unit: 'locale', ...width(NARROW) },
    },
  ];
  return { kind: TABLE_PANEL, fields, notices: noticesOf(result) };
}

function noticesOf({ traces, searched, skipped, late, hasMoreProcesses, isIncomplete }: SearchResult): Notice[] {
  const notices: Notice[] = [];
  if (late.length > 0) {
    notices.push({
      severity: 'warning',
      text: `The time limit of the query did not suffice for ${late.length} of ${formatCount(searched + late.length + skipped.length, 'process', 'processes')}: ${namesOf(late)}. Their traces are missing. Choose a shorter time range, a service or a process, or run the query again.`,
    });
  }
  const rootless = traces.filter(({ hasRoot }) => !hasRoot).length;
  if (skipped.length > 0) {
    const lastSeen = new Date(Math.max(...skipped.map(({ lastSeenMs }) => lastSeenMs))).toISOString();
    notices.push({
      severity: 'info',
      text: `Enough traces were found in the ${formatCount(searched, 'process', 'processes')} with the newest data. ${formatCount(skipped.length, 'process', 'processes')}, which sent no data after ${lastSeen}, ${skipped.length === 1 ? 'was' : 'were'} not searched.`,
    });
  }
  if (hasMoreProcesses) {
    notices.push({
      severity: 'warning',
      text: `Only the ${searched + skipped.length + late.length} processes with the newest data belong to the search. Choose services or a shorter time range to search others.`,
    });
  }
  if (isIncomplete) {
    notices.push({
      severity: 'warning',
      text: 'Traces may have spans of processes that were not searched. The numbers of a trace do not include these spans. Choose a shorter time range.',
    });
  }
  if (rootless > 0) {
    notices.push({
      severity: 'info',
      text: `${rootless === 1 ? 'The root of 1 trace was' : `The roots of ${rootless} traces were`} not found. The first span is shown instead.`,
    });
  }
  return notices;
}

function namesOf(processes: SearchResult['late']): string {
  const names = [...new StringSet(processes.map(({ exe, id }) => exe || id))];
  const rest = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).map(shownName).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
