/** The processes that a query compares: given processes, the processes of programs, or all processes. */
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { StringSet } from '../../../contract/string-map';
import { checkedId } from '../processes/read-processes';

/** `programs`: all processes of these programs. */
export type Scope =
  | { kind: 'processes'; processIds: readonly string[] }
  | { kind: 'programs'; exes: readonly string[] }
  | { kind: 'lakehouse' };

/**
 * The scope that the request names, without callers and callees.
 *
 * @throws {ProxyError} 'query_field_invalid' for a process id that is not a UUID.
 */
export function scopeOf({ processIds, exe, scope }: WhatChangedRequest): Scope {
  if (scope === 'lakehouse') {
    return { kind: scope };
  }
  const ids = [...new StringSet((processIds || []).filter((id) => id.trim() !== '').map(checkedId))];
  return ids.length > 0 ? { kind: 'processes', processIds: ids } : { kind: 'programs', exes: [exe || ''] };
}
