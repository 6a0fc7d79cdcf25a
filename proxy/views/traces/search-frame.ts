/** Converts the found traces to a table. */
import { formatCount } from '../../frames/data-frames/format-count';
import { type ComposedField, type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { countConfig } from '../../frames/data-frames/column-display';
import { TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { type FoundTrace, type SearchResult } from './search-traces';
import { tableLinks } from './trace-links';

/** Width of the column `errors`, in pixels. */
const ERRORS_WIDTH = 80;

/** Returns the table. @param target The data source, for links to the traces. Undefined: no links. */
export function searchFrame(result: SearchResult, target: LinkTarget | undefined): ComposedFrame {
  const { traces } = result;
  const links = tableLinks(target);
  const linksOf = (name: string) => (links[name] === undefined ? {} : { links: links[name] });
  const values = <T>(value: (trace: FoundTrace) => T): T[] => traces.map(value);
  const fields: ComposedField[] = [
    {
      kind: 'utf8',
      name: 'trace_id',
      values: values(({ id }) => id),
      config: { displayName: 'Trace', ...linksOf('trace_id') },
    },
    { kind: 'timestamp', name: 'start', values: values(({ startNs }) => startNs), config: { displayName: 'Start' } },
    {
      kind: 'float64',
      name: 'errors',
      values: values(({ errors }) => errors),
      config: { displayName: 'Errors', ...countConfig('red', ERRORS_WIDTH), ...linksOf('errors') },
    },
    {
      kind: 'float64',
      name: 'duration',
      values: values(({ startNs, endNs }) => Number(endNs - startNs)),
      config: { displayName: 'Duration', unit: 'ns' },
    },
    {
      kind: 'utf8',
      name: 'service',
      values: values(({ rootExe }) => rootExe),
      config: { displayName: 'Root service' },
    },
    {
      kind: 'utf8',
      name: 'operation',
      values: values(({ rootName }) => rootName),
      config: { displayName: 'Root operation' },
    },
    {
      kind: 'float64',
      name: 'spans',
      values: values(({ spans }) => spans),
      config: { displayName: 'Spans', unit: 'locale' },
    },
  ];
  return { kind: TABLE_PANEL, fields, notices: noticesOf(result) };
}

function noticesOf({ traces, searched, skipped, hasMoreProcesses, isIncomplete }: SearchResult): Notice[] {
  const notices: Notice[] = [];
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
      text: `Only the ${searched + skipped.length} processes with the newest data belong to the search. Choose services or a shorter time range to search others.`,
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
