import { unlimitedAccount } from '../../../observe/memory/testing/accounts';
import { type PlainColumn } from '../plain-column';
import { StringColumnBuilder } from '../string-column-builder';

const memory = unlimitedAccount();

/** A column of these strings. */
export function strings(...values: Array<string | null>): PlainColumn {
  const builder = new StringColumnBuilder(memory, values.length);
  for (const value of values) {
    builder.sink.string(value ?? 'dropped');
    if (value === null) {
      builder.endNull();
    } else {
      builder.end();
    }
  }
  return builder.finish('utf8');
}
