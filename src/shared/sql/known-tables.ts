/**
 * Micromegas's own tables and view sets, for completion, hover, hints and the builder. The server lists the existing
 * tables and columns. The columns here add descriptions. They are also used until the server has responded. The server
 * lists no columns for view sets without a global instance, so these view sets always have the columns from here.
 */
import { type ColumnInfo } from '../../../contract/resources/resources';

interface KnownColumn extends ColumnInfo {
  description: string;
}

interface KnownTable {
  description: string;
  columns: readonly KnownColumn[];
  /** Which id `view_instance` needs. Undefined for a table that has only a global instance. */
  instance?: 'process' | 'stream';
  /** True if queries of the table are slow when they have no time filter. */
  isLarge: boolean;
}

const TIME = 'Timestamp';

/** Reads columns in the format `name type description`, one per line. */
function columns(list: string): KnownColumn[] {
  return list
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', type = '', ...words] = line.trim().split(' ');
      return { name, type: type === 'time' ? TIME : type, description: words.join(' ') };
    });
}

/** Columns that several tables share. */
const SOURCE = columns(`
  process_id Utf8 Process that sent the row.
  stream_id Utf8 Stream of the process, for example of one thread.
  block_id Utf8 Block of the stream in which the row was sent.
  insert_time time When the server received the row.
  exe Utf8 Program.
  username Utf8 User who ran the program.
  computer Utf8 Computer on which the program ran.
`);
const PROCESS_PROPERTIES = columns('process_properties Jsonb Properties of the process.');
const AUDIENCE = columns('audience Utf8 Who may read the row.');

const LOG_COLUMNS = columns(`
  time time When the message was logged.
  target Utf8 Part of the program that logged the message.
  level Int32 Severity: 1 Fatal, 2 Error, 3 Warn, 4 Info, 5 Debug, 6 Trace.
  msg Utf8 Text of the message.
  properties Jsonb Properties of the message. Read one with property_get.
`);
const MEASURE_COLUMNS = columns(`
  time time When the sample was taken.
  target Utf8 Part of the program that sent the sample.
  name Utf8 Name of the measure.
  unit Utf8 Unit of the value.
  value Float64 The value.
  properties Jsonb Properties of the sample. Read one with property_get.
`);
const PROCESS_COLUMNS = columns(`
  process_id Utf8 Id of the process.
  exe Utf8 Program.
  username Utf8 User who ran the program.
  realname Utf8 Full name of the user.
  computer Utf8 Computer on which the program ran.
  distro Utf8 Operating system.
  cpu_brand Utf8 Model of the CPU.
  tsc_frequency Int64 Ticks per second of the clock of the process.
  start_time time When the process started.
  start_ticks Int64 Start of the process in ticks of its clock.
  insert_time time When the server first heard of the process.
  parent_process_id Utf8 Process that started this one.
  properties Jsonb Properties of the process, such as its version. Read one with property_get.
  last_update_time time When the server last heard of the process.
  last_block_end_ticks Int64 End of the last block, in ticks of the clock of the process.
  last_block_end_time time End of the last block.
`);
const STREAM_COLUMNS = columns(`
  stream_id Utf8 Id of the stream.
  process_id Utf8 Process of the stream.
  dependencies_metadata Binary Types of the stored events (CBOR).
  objects_metadata Binary Types of the stored events (CBOR).
  tags List(Utf8) Kind of the stream: log, metrics, trace, cpu, net, image.
  properties Jsonb Properties of the stream, such as the name of the thread.
  insert_time time When the server first heard of the stream.
  format Utf8 Format of the stored events.
  last_update_time time When the server last heard of the stream.
`);
const BLOCK_COLUMNS = columns(`
  block_id Utf8 Id of the block.
  stream_id Utf8 Stream of the block.
  process_id Utf8 Process of the block.
  begin_time time Time of the first event.
  begin_ticks Int64 Time of the first event, in ticks of the clock of the process.
  end_time time Time of the last event.
  end_ticks Int64 Time of the last event, in ticks of the clock of the process.
  nb_objects Int32 Number of events.
  object_offset Int64 Number of events of the stream before this block.
  payload_size Int64 Size in bytes.
  insert_time time When the server received the block.
`);
const OTEL_SPAN_COLUMNS = columns(`
  trace_id FixedSizeBinary(16) Trace of the span. As text: encode(trace_id, 'hex').
  span_id FixedSizeBinary(8) Id of the span. As text: encode(span_id, 'hex').
  parent_span_id FixedSizeBinary(8) Span that contains this one.
  start_time time Start of the span.
  end_time time End of the span.
  duration Int64 Duration in nanoseconds.
  name Utf8 Name of the operation.
  kind Utf8 UNSPECIFIED, INTERNAL, SERVER, CLIENT, PRODUCER or CONSUMER.
  status Utf8 UNSET, OK or ERROR.
  status_message Utf8 Explanation of the status.
  properties Jsonb Attributes of the span. Read one with property_get.
  events Binary Events of the span, as a JSON array.
  links Binary Links to other spans, as a JSON array.
`);

const KNOWN_TABLES: Readonly<Record<string, KnownTable>> = {
  log_entries: {
    description: 'Log messages of all processes.',
    instance: 'process',
    isLarge: true,
    columns: [...SOURCE, ...LOG_COLUMNS, ...PROCESS_PROPERTIES, ...AUDIENCE],
  },
  measures: {
    description: 'Samples of the metrics of all processes.',
    instance: 'process',
    isLarge: true,
    columns: [...SOURCE, ...MEASURE_COLUMNS, ...PROCESS_PROPERTIES, ...AUDIENCE],
  },
  processes: {
    description: 'Runs of programs, one row for each process.',
    isLarge: false,
    columns: [...PROCESS_COLUMNS, ...AUDIENCE],
  },
  streams: {
    description: 'Streams of the processes: log, metrics, and one for the spans of each thread.',
    isLarge: false,
    columns: [...STREAM_COLUMNS, ...AUDIENCE],
  },
  blocks: {
    description: 'Stored blocks of telemetry, with their stream and process.',
    isLarge: true,
    columns: [...BLOCK_COLUMNS, ...AUDIENCE],
  },
  log_stats: {
    description: 'Number of log messages per minute, process, level and target.',
    isLarge: true,
    columns: [
      ...columns(`
        time_bin time Start of the minute.
        process_id Utf8 Process that logged the messages.
        level Int32 Severity: 1 Fatal, 2 Error, 3 Warn, 4 Info, 5 Debug, 6 Trace.
        target Utf8 Part of the program that logged the messages.
        count Int64 Number of messages.
      `),
      ...AUDIENCE,
    ],
  },
  thread_spans: {
    description: 'Calls of functions on one thread.',
    instance: 'stream',
    isLarge: true,
    columns: columns(`
      id Int64 Id of the span.
      parent Int64 Span that contains this one; 0 for none.
      depth UInt32 Number of spans around this one.
      hash UInt32 Hash of the place in the source code.
      begin time Start of the span.
      end time End of the span.
      duration Int64 Duration in nanoseconds.
      name Utf8 Name of the function or scope.
      target Utf8 Part of the program.
      filename Utf8 Source file.
      line UInt32 Line in the source file.
      properties Jsonb Properties of the span. Read one with property_get.
    `),
  },
  async_events: {
    description: 'Begin and end of the asynchronous spans of a process. Join them by span_id.',
    instance: 'process',
    isLarge: true,
    columns: columns(`
      stream_id Utf8 Stream of the process.
      block_id Utf8 Block of the stream in which the event was sent.
      time time When the span began or ended.
      event_type Utf8 begin or end.
      span_id Int64 Id of the span.
      parent_span_id Int64 Span that contains this one.
      depth UInt32 Number of spans around this one.
      hash UInt32 Hash of the place in the source code.
      name Utf8 Name of the function or scope.
      filename Utf8 Source file.
      target Utf8 Part of the program.
      line UInt32 Line in the source file.
      properties Jsonb Properties of the span, in the row of its end.
    `),
  },
  net_spans: {
    description: 'Network traffic of a process: connections, objects, properties and remote calls.',
    instance: 'process',
    isLarge: true,
    columns: columns(`
      process_id Utf8 Process of the traffic.
      stream_id Utf8 Stream of the process.
      span_id Int64 Id of the span.
      parent_span_id Int64 Span that contains this one; -1 for none.
      depth UInt32 Number of spans around this one.
      kind Utf8 connection, object, property or rpc.
      name Utf8 Name of the object, property or call.
      connection_name Utf8 Connection of the span.
      is_outgoing Boolean True for sent data.
      begin_bits Int64 Position of the first bit in the traffic of the connection.
      end_bits Int64 Position after the last bit.
      bit_size Int64 Size in bits.
      begin_time time Start of the span.
      end_time time End of the span.
    `),
  },
  otel_spans: {
    description: 'OpenTelemetry spans of a process.',
    instance: 'process',
    isLarge: true,
    columns: [...SOURCE, ...PROCESS_PROPERTIES, ...OTEL_SPAN_COLUMNS],
  },
  images: {
    description: 'Images that a process captured.',
    instance: 'process',
    isLarge: true,
    columns: [
      ...SOURCE,
      ...columns(`
        time time When the image was captured.
        name Utf8 Name of the image.
        format Utf8 Format of the file.
        payload_size Int64 Size in bytes.
        data Binary The file.
      `),
    ],
  },
};

/**
 * Columns with too many distinct values. Completion sends no lookup for these values. A hint warns of time series that
 * have these columns as labels.
 */
export const HIGH_CARDINALITY: ReadonlySet<string> = new Set([
  'msg',
  'process_id',
  'stream_id',
  'block_id',
  'parent_process_id',
  'trace_id',
  'span_id',
  'parent_span_id',
  'status_message',
  'properties',
  'process_properties',
]);

/** Time columns of the large tables. A condition on one of them counts as a time filter. */
export const TIME_COLUMNS: ReadonlySet<string> = new Set([
  'time',
  'time_bin',
  'begin_time',
  'end_time',
  'insert_time',
  'begin',
  'end',
  'start_time',
]);

/** Names of the levels of log messages. The position is the level. */
export const LEVELS_BY_NUMBER = ['', 'Fatal', 'Error', 'Warn', 'Info', 'Debug', 'Trace'] as const;

/** The columns of the function `process_spans`: two columns, and the columns of `thread_spans`. */
export const PROCESS_SPAN_COLUMNS: readonly ColumnInfo[] = [
  { name: 'stream_id', type: 'Utf8' },
  { name: 'thread_name', type: 'Utf8' },
  ...KNOWN_TABLES.thread_spans.columns,
];

/** A table of Micromegas. Undefined for other tables. @param name Name as the server knows it, in lower case. */
export function knownTable(name: string): KnownTable | undefined {
  return Object.hasOwn(KNOWN_TABLES, name) ? KNOWN_TABLES[name] : undefined;
}

/** Tables that have a global instance and other instances. The global instance contains the rows of all processes. */
const GLOBAL_VIEWS: ReadonlySet<string> = new Set(['log_entries', 'measures']);

/** True for a view set of Micromegas that can be read only with `view_instance`. */
export function isOnlyPerInstance(name: string): boolean {
  return knownTable(name)?.instance !== undefined && !GLOBAL_VIEWS.has(name);
}

/** Description of a column, if Micromegas defines it. */
export function columnDescription(table: string, column: string): string | undefined {
  return knownTable(table)?.columns.find(({ name }) => name === column)?.description;
}
