/**
 * Schemas for parts of JSON that users and other tools write. Use them with `is`, which checks a value without copying
 * it.
 */
import {
  array,
  custom,
  type GenericSchema,
  type InferOutput,
  integer,
  is,
  maxLength,
  maxValue,
  minValue,
  number,
  object,
  type ObjectEntries,
  optional,
  pipe,
  string,
} from 'valibot';
import { isObject } from './is-object';

/** Maximum length of a string in a request, in UTF-16 units. */
export const MAX_STRING_CHARACTERS = 1000;

/** A string of at most `maxCharacters` UTF-16 units. */
export function stringOf(maxCharacters: number) {
  return pipe(string(), maxLength(maxCharacters));
}

/** A string of at most `MAX_STRING_CHARACTERS` UTF-16 units. */
export const shortString = stringOf(MAX_STRING_CHARACTERS);

/** A number from `least` to `greatest`, both inclusive. */
export function numberIn(least: number, greatest: number) {
  return pipe(number(), minValue(least), maxValue(greatest));
}

/** An integer from `least` to `greatest`, both inclusive. */
export function integerIn(least: number, greatest: number) {
  return pipe(number(), integer(), minValue(least), maxValue(greatest));
}

/** An object with these fields, and possibly others. Unlike `object` of valibot, this schema rejects lists. */
export function objectOf<const Entries extends ObjectEntries>(entries: Entries) {
  return pipe(custom<object>(isObject), object(entries));
}

/** A list of at most `maxEntries` entries. A longer list is rejected before its entries are read. */
export function boundedList<Entry extends GenericSchema>(entry: Entry, maxEntries: number) {
  return pipe(
    custom<readonly unknown[]>((value) => Array.isArray(value) && value.length <= maxEntries),
    array(entry)
  );
}

/** A field that may be missing. Null and the empty string count as missing. */
export function missingOr<Schema extends GenericSchema>(schema: Schema) {
  return optional(custom<InferOutput<Schema>>((value) => value === null || value === '' || is(schema, value)));
}

/** True for a string that is not blank. */
export function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
