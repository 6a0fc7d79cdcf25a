/** The query that Grafana opens beside the result: the lines of the scope, in the query builder. */
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderCondition, type LogsState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type ContextScope } from '../../../contract/logs/log-context';
import { type MicromegasQuery } from '../../shared/types';
import { type IdentifiedLine } from './log-line';

function equal(column: string, value: string): BuilderCondition {
  return { column, type: 'text', operator: '=', values: [value] };
}

/** @param computer Undefined if the result lacks it. Then the scope `computer` shows the lines of the process. */
export function splitQuery(
  { processId, marks }: IdentifiedLine,
  scope: ContextScope,
  computer: string | undefined,
  base: Pick<MicromegasQuery, 'refId' | 'datasource'>
): MicromegasQuery {
  const isOfComputer = scope === 'computer' && computer !== undefined;
  const builder: LogsState = {
    ...newState('logs'),
    ...(!isOfComputer && { processId }),
    conditions: [
      ...(isOfComputer ? [equal('computer', computer)] : []),
      ...(scope === 'target' && marks.target !== undefined ? [equal('target', marks.target)] : []),
    ],
  };
  const { sql, format, rowLimit } = builderQuery(builder);
  return {
    ...base,
    query: sql,
    format,
    rowLimit,
    timeFilter: true,
    autoLimit: false,
    rawEditor: false,
    version: 2,
    builder,
  };
}
