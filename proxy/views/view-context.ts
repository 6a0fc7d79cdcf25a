/** The context in which a view, such as a trace or a flame graph, reads telemetry. */
import { type LinkTarget } from '../frames/data-frames/frame-options';
import { type LakeReader, type TimeRangeMs } from './lake-reader/lake-reader';

/** The context that all views get. Statements run with the identity of the viewer, and end with the query. */
export interface ViewContext extends LakeReader {
  /** The range of the query. */
  readonly range: TimeRangeMs;
  /** The longest range that the data source permits, in milliseconds. Undefined: no limit. */
  readonly maxRangeMs?: number | undefined;
  /** Milliseconds between two points of the panel. */
  readonly intervalMs: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Milliseconds until the time limit of the query. */
  readonly leftMs: () => number;
  /** The data source, for links. */
  readonly linkTarget: LinkTarget | undefined;
  /** Template of links to source files: a URL with `{file}`, and optionally `{line}`. Default: no links. */
  readonly sourceUrl?: string | undefined;
  /** IANA name of the viewer's time zone, for notices. Default: UTC. */
  readonly timezone?: string | undefined;
  /** True for a panel of a dashboard. A panel uses the display options of the frame, and Explore does not. */
  readonly isPanel: boolean;
  /** True for the panel _Table_, unless an expression reads the result. An empty table has a row there. */
  readonly isTablePanel?: boolean;
}
