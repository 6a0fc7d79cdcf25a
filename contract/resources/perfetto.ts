/** The download of a Perfetto trace: the route `perfetto`, and the mark of a complete file. */

/** `thread`: calls of threads. `async`: asynchronous tasks. `both`: calls and tasks. */
export const PERFETTO_SPANS = ['thread', 'async', 'both'] as const;
export type PerfettoSpans = (typeof PERFETTO_SPANS)[number];

/**
 * The last bytes of a complete file: a trace packet (field 1 of `Trace`) with a service event (field 69 of
 * `TracePacket`). The event means that all buffers were read (`read_tracing_buffers_completed`, field 4 of
 * `TracingServiceEvent`). Viewers of traces ignore the event.
 *
 * If reading fails after the first bytes, Grafana still ends the HTTP response normally. So only these bytes show that
 * the file is complete.
 *
 * @see https://github.com/google/perfetto `protos/perfetto/trace/trace_packet.proto`, `tracing_service_event.proto`
 */
export const TRACE_END: Uint8Array = Uint8Array.of(0x0a, 0x05, 0xaa, 0x04, 0x02, 0x20, 0x01);

/** The content of the file: the spans of one process in a time range. */
export interface PerfettoQuery {
  processId: string;
  /** Milliseconds since 1970, both inclusive. */
  fromMs: number;
  toMs: number;
  /** Default: `both`. */
  spans?: PerfettoSpans;
}

/** Path and query string of the route. */
export function perfettoPath({ processId, fromMs, toMs, spans = 'both' }: PerfettoQuery): string {
  return `perfetto?process=${encodeURIComponent(processId)}&from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}&spans=${spans}`;
}
