/** The response to CommandGetSqlInfo: name and version of the server, and the functions that the server lists. */
import { create, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { type AnySchema } from '@bufbuild/protobuf/wkt';
import {
  Bool,
  type Data,
  DenseUnion,
  Field,
  Int32,
  Int64,
  List,
  makeData,
  Map_,
  Schema,
  Struct,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { type FlightData } from '../../proxy/generated/arrow/flight/flight_pb';
import { type CommandGetSqlInfo, CommandGetSqlInfoSchema } from '../../proxy/generated/arrow/flight/flight_sql_pb';
import { encodeArray, type Plain } from './arrow-values';
import { batchMessages, schemaMessage } from './flight-messages';

const STRING = 0;
const STRINGS = 4;

/** The values, by their number in Flight SQL's enum `SqlInfo`. */
const INFO: ReadonlyMap<number, string | readonly string[]> = new Map<number, string | readonly string[]>([
  [0, 'Micromegas Flight SQL Server'],
  [1, '1'],
  [2, '1.3'],
  [
    508,
    words(
      'all and any as asc between by case cast desc distinct else end exists from group having in join left like limit not null on or order over partition right select then union using when where with'
    ),
  ],
  [
    509,
    words(
      'abs acos asin atan atan2 ceil cos cot degrees exp factorial floor gcd isnan lcm ln log log10 log2 nanvl pi power radians random round signum sin sqrt tan trunc'
    ),
  ],
  [
    510,
    words(
      'ascii bit_length btrim char_length character_length chr concat concat_ws ends_with initcap left length lower lpad ltrim md5 octet_length position regexp_count regexp_like regexp_match regexp_replace repeat replace reverse right rpad rtrim sha256 split_part starts_with strpos substr to_hex translate trim upper uuid'
    ),
  ],
  [511, words('array arrow_typeof struct')],
  [
    512,
    words(
      'current_date current_time date_bin date_part date_trunc from_unixtime now to_char to_local_time to_timestamp to_timestamp_micros to_timestamp_millis to_timestamp_nanos to_timestamp_seconds to_unixtime'
    ),
  ],
]);

const VALUE_TYPE = new DenseUnion(
  [0, 1, 2, 3, 4, 5],
  [
    new Field('string_value', new Utf8(), false),
    new Field('bool_value', new Bool(), false),
    new Field('bigint_value', new Int64(), false),
    new Field('int32_bitmask', new Int32(), false),
    new Field('string_list', new List(new Field('item', new Utf8(), true)), true),
    new Field('int32_to_int32_list_map', bitsByKey(), true),
  ]
);

const SCHEMA = new Schema([new Field('info_name', new Uint32(), false), new Field('value', VALUE_TYPE, false)]);

/** The schema of the response. */
export function sqlInfoSchema(): Schema {
  return SCHEMA;
}

/** Decodes the command. A command without content requests all values. */
export function readGetSqlInfo(any: MessageShape<typeof AnySchema>): CommandGetSqlInfo {
  return any.value.length === 0 ? create(CommandGetSqlInfoSchema) : fromBinary(CommandGetSqlInfoSchema, any.value);
}

/** The schema message and one batch with the requested numbers, or with all of them. */
export function sqlInfoMessages({ info }: CommandGetSqlInfo): FlightData[] {
  const rows = [...INFO].filter(([number]) => info.length === 0 || info.includes(number));
  const numbers = encodeArray(
    new Uint32(),
    rows.map(([number]) => number)
  );
  return [
    schemaMessage(SCHEMA),
    ...batchMessages(SCHEMA, rows.length, [numbers, unionOf(rows.map(([, value]) => value))]),
  ];
}

function unionOf(values: ReadonlyArray<string | readonly string[]>): Data<DenseUnion> {
  const children = VALUE_TYPE.children.map((): Plain[] => []);
  const typeIds = Int8Array.from(values, (value) => (typeof value === 'string' ? STRING : STRINGS));
  const valueOffsets = Int32Array.from(values, (value, row) => {
    const child = children[typeIds[row]!]!;
    return child.push(typeof value === 'string' ? value : [...value]) - 1;
  });
  return makeData({
    type: VALUE_TYPE,
    length: values.length,
    typeIds,
    valueOffsets,
    children: VALUE_TYPE.children.map(({ type }, index) => encodeArray(type, children[index]!)),
  });
}

function bitsByKey(): Map_ {
  const entries = new Struct<{ key: Int32; value: List<Int32> }>([
    new Field('key', new Int32(), false),
    new Field('value', new List(new Field('item', new Int32(), true)), true),
  ]);
  return new Map_(new Field('entries', entries, false));
}

function words(source: string): string[] {
  return source.split(' ');
}
