/** The query whose frames a view returns. */
import { type LinkTarget } from '../frames/data-frames/frame-options';
import { type LakeReader, type TimeRangeMs } from './lake-reader/lake-reader';

/** What all views share. Statements run on behalf of the viewer, and end with the query. */
export interface ViewContext extends LakeReader {
  /** The range of the query. */
  readonly range: TimeRangeMs;
  /** Step of the panel, in milliseconds. */
  readonly intervalMs: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The data source, for links. */
  readonly linkTarget: LinkTarget | undefined;
  /** Template of the links to source files: a URL with `{file}`, and perhaps `{line}`. Undefined: no links. */
  readonly sourceUrl?: string | undefined;
  /** Name of the IANA time zone of the reader, for notices. Undefined: UTC. */
  readonly timezone?: string | undefined;
  /** True for a panel of a dashboard, whose display options are those of the frame. Explore has its own. */
  readonly isPanel: boolean;
}
