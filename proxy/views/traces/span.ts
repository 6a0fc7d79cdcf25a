/** The types of the spans of a trace, as they are read from the server. */
import { type SpanReference } from './span-tags';

/** A span. Its JSON strings already have the format of Grafana's trace view. */
export interface Span {
  id: string;
  /** Undefined for a root. */
  parentId: string | undefined;
  process: SpanProcess;
  /** Microseconds since 1970. */
  startUs: number;
  /** Nanoseconds. Zero if the recorded end is before the start. */
  durationNs: number;
  /** True if the recorded end is before the start. */
  endsEarly?: boolean;
  name: string;
  /** In upper case, such as `SERVER`. */
  kind: string;
  /** `UNSET`, `OK` or `ERROR`. */
  status: string;
  statusMessage: string | undefined;
  scopeName: string | undefined;
  scopeVersion: string | undefined;
  /** JSON of a list of tags. */
  tags: string;
  /** JSON of Grafana's `logs`. */
  events: string | undefined;
  references: readonly SpanReference[];
}

/** The process of a span. All spans of one process share the object. */
export interface SpanProcess {
  id: string;
  exe: string;
  computer: string;
  /** JSON of a list of tags. */
  tags: string;
}
