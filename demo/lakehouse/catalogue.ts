/**
 * Tables and columns of Micromegas 0.33.0, with the Arrow type of each column.
 *
 * A column is written `name:type`, with `!` at the end if it is not nullable. `dict` is a string and `djsonb` JSONB
 * bytes, both as dictionaries with 32-bit indices. `jsonb` is JSONB without a dictionary, `ts` a timestamp in
 * nanoseconds at +00:00.
 */
import {
  Binary,
  Bool,
  type DataType,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  TimestampNanosecond,
  Uint32,
  Utf8,
} from 'apache-arrow';

const COLUMN_TYPES = [
  'ts',
  'dict',
  'djsonb',
  'jsonb',
  'text',
  'i32',
  'i64',
  'u32',
  'f64',
  'bool',
  'bytes',
  'bytes8',
  'bytes16',
  'texts',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface Column {
  name: string;
  type: ColumnType;
  nullable: boolean;
}

const INSTANCE_HEAD =
  'process_id:dict! stream_id:dict! block_id:dict! insert_time:ts! exe:dict! username:dict! computer:dict!';
const LOG_HEAD = `${INSTANCE_HEAD} time:ts! target:dict!`;
const PROPERTIES = 'properties:djsonb! process_properties:djsonb! audience:dict!';
const SPAN_TAIL = 'line:u32! properties:djsonb!';

/** Global tables, in the order of GetTables. */
export const GLOBAL_TABLES: ReadonlyMap<string, readonly Column[]> = new Map([
  [
    'blocks',
    columns(
      'block_id:text! stream_id:text! process_id:text! begin_time:ts! begin_ticks:i64! end_time:ts! end_ticks:i64! nb_objects:i32! ' +
        'object_offset:i64! payload_size:i64! insert_time:ts! streams.dependencies_metadata:bytes! streams.objects_metadata:bytes! ' +
        'streams.tags:texts streams.properties:djsonb! streams.insert_time:ts! streams.format:text! processes.start_time:ts! ' +
        'processes.start_ticks:i64! processes.tsc_frequency:i64! processes.exe:text! processes.username:text! ' +
        'processes.realname:text! processes.computer:text! processes.distro:text! processes.cpu_brand:text! ' +
        'processes.insert_time:ts! processes.parent_process_id:text processes.properties:djsonb! audience:dict!'
    ),
  ],
  ['log_entries', columns(`${LOG_HEAD} level:i32! msg:text! ${PROPERTIES}`)],
  ['log_stats', columns('time_bin:ts process_id:dict! level:i32! target:dict! count:i64 audience:dict')],
  ['measures', columns(`${LOG_HEAD} name:dict! unit:dict! value:f64! ${PROPERTIES}`)],
  [
    'processes',
    columns(
      'process_id:text! exe:text username:text realname:text computer:text distro:text cpu_brand:text tsc_frequency:i64 ' +
        'start_time:ts start_ticks:i64 insert_time:ts parent_process_id:text properties:djsonb last_update_time:ts ' +
        'last_block_end_ticks:i64 last_block_end_time:ts audience:dict'
    ),
  ],
  [
    'streams',
    columns(
      'stream_id:text! process_id:text dependencies_metadata:bytes objects_metadata:bytes tags:texts properties:djsonb ' +
        'insert_time:ts format:text last_update_time:ts audience:dict'
    ),
  ],
]);

/** Tables that exist only as `view_instance('<set>', '<id>')`. */
export const INSTANCE_TABLES: ReadonlyMap<string, readonly Column[]> = new Map([
  [
    'thread_spans',
    columns(
      'id:i64! parent:i64! depth:u32! hash:u32! begin:ts! end:ts! duration:i64! name:dict! target:dict! filename:dict! ' +
        SPAN_TAIL
    ),
  ],
  [
    'async_events',
    columns(
      'stream_id:dict! block_id:dict! time:ts! event_type:dict! span_id:i64! parent_span_id:i64! depth:u32! hash:u32! ' +
        'name:dict! filename:dict! target:dict! ' +
        SPAN_TAIL
    ),
  ],
  ['images', columns(`${INSTANCE_HEAD} time:ts! name:text! format:dict! payload_size:i64! data:bytes!`)],
  [
    'net_spans',
    columns(
      'process_id:dict! stream_id:dict! span_id:i64! parent_span_id:i64! depth:u32! kind:dict! name:dict! connection_name:dict! ' +
        'is_outgoing:bool! begin_bits:i64! end_bits:i64! bit_size:i64! begin_time:ts! end_time:ts!'
    ),
  ],
  [
    'otel_spans',
    columns(
      'process_id:dict! stream_id:dict! block_id:dict! insert_time:ts! exe:text! username:text! computer:text! ' +
        'process_properties:djsonb! trace_id:bytes16! span_id:bytes8! parent_span_id:bytes8 start_time:ts! end_time:ts! ' +
        'duration:i64! name:dict! kind:dict! status:dict! status_message:text properties:djsonb! events:jsonb! links:jsonb!'
    ),
  ],
]);

/** Columns of `process_spans('<process_id>', '<kind>')`: stream, thread, and the columns of `thread_spans`. */
export const PROCESS_SPANS: readonly Column[] = [
  ...columns('stream_id:dict! thread_name:dict!'),
  ...(INSTANCE_TABLES.get('thread_spans') ?? []),
];

/** Columns of the table functions other than `view_instance`. */
export const FUNCTION_TABLES: ReadonlyMap<string, readonly Column[]> = new Map([
  ['process_spans', PROCESS_SPANS],
  ['perfetto_trace_chunks', columns('chunk_id:i32! chunk_data:bytes!')],
  ['parse_block', columns('object_index:i64! type_name:text! value:jsonb!')],
  [
    'list_partitions',
    columns(
      'view_set_name:text! view_instance_id:text! begin_insert_time:ts! end_insert_time:ts! min_event_time:ts max_event_time:ts ' +
        'updated:ts! file_path:text file_size:i64! file_schema_hash:bytes! source_data_hash:bytes! num_rows:i64! ' +
        'partition_format_version:i32! sort_order:texts max_sort_key_time:ts'
    ),
  ],
  [
    'list_view_sets',
    columns(
      'view_set_name:text! current_schema_hash:bytes! schema:text! has_view_maker:bool! global_instance_available:bool!'
    ),
  ],
  ['list_audience_grants', columns('audience:text! axis:text! selector:text! created_at:ts! created_by:text!')],
]);

function columns(source: string): Column[] {
  return source.split(' ').map((column) => {
    const [name = '', declared = ''] = column.split(':');
    const type = COLUMN_TYPES.find((known) => known === declared.replace('!', ''));
    if (type === undefined) {
      throw new Error(`unknown type in column ${column}`);
    }
    return { name, type, nullable: !declared.endsWith('!') };
  });
}

/**
 * The Arrow type of a column of the catalogue.
 *
 * @param dictionaryId Distinguishes the dictionaries of one schema. Other types do not use it.
 */
export function arrowType(type: ColumnType, dictionaryId: number): DataType {
  switch (type) {
    case 'ts':
      return new TimestampNanosecond('+00:00');
    case 'dict':
      return new Dictionary(new Utf8(), new Int32(), dictionaryId);
    case 'djsonb':
      return new Dictionary(new Binary(), new Int32(), dictionaryId);
    case 'jsonb':
    case 'bytes':
      return new Binary();
    case 'text':
      return new Utf8();
    case 'i32':
      return new Int32();
    case 'i64':
      return new Int64();
    case 'u32':
      return new Uint32();
    case 'f64':
      return new Float64();
    case 'bool':
      return new Bool();
    case 'bytes8':
      return new FixedSizeBinary(8);
    case 'bytes16':
      return new FixedSizeBinary(16);
    case 'texts':
      return new List(new Field('item', new Utf8(), true));
  }
}

/** The schema of a table in GetTables, with dictionaries. */
export function tableSchema(table: readonly Column[]): Schema {
  return new Schema(table.map(({ name, type, nullable }, index) => new Field(name, arrowType(type, index), nullable)));
}
