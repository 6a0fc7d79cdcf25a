import { type MicromegasQueryFields } from '../query';
import { type TableState } from './builder-state';

/** Not yet: the state of a query of the older plugin's builder. */
export function olderBuilderState(
  _fields: Readonly<Partial<Record<keyof MicromegasQueryFields, unknown>>>
): TableState | undefined {
  return undefined;
}
