import { unlimitedAccount } from '../../../observe/memory/testing/accounts';
import { type PlainColumn } from '../plain-column';
import { TextColumnBuilder } from '../text-column-builder';

const memory = unlimitedAccount();

/** A column of these texts. */
export function texts(...values: Array<string | null>): PlainColumn {
  const builder = new TextColumnBuilder(memory, values.length);
  for (const value of values) {
    builder.sink.text(value ?? 'dropped');
    if (value === null) {
      builder.endNull();
    } else {
      builder.end();
    }
  }
  return builder.finish('utf8');
}
