/** Alert rules that compare one number of each series with a limit. */
import { type DataSourceSettings } from '@grafana/plugin-e2e';

interface ThresholdRule {
  title: string;
  folder: string;
  source: DataSourceSettings;
  /** The saved query. */
  model: object;
  /** Length of the time range, in seconds. It ends now. */
  seconds: number;
  reducer: 'last' | 'max' | 'sum';
  /** The rule fires if the number is above this limit. */
  limit: number;
  /** True: the rule fires if the number is below the limit instead. */
  isBelow?: boolean;
  /** How long the condition must be true before the rule fires, such as `1m`. Default: `0s`. */
  pending?: string;
  annotations?: Record<string, string>;
}

/** A rule for Grafana's provisioning API. The name of its group is the uid of the data source. */
export function thresholdRule(rule: ThresholdRule): object {
  const { title, folder, source, model, seconds, reducer, limit, annotations, isBelow, pending = '0s' } = rule;
  const expression = (refId: string, fields: object) => ({
    refId,
    datasourceUid: '__expr__',
    model: { refId, ...fields },
  });
  return {
    title,
    ruleGroup: source.uid,
    folderUID: folder,
    orgID: 1,
    for: pending,
    noDataState: 'NoData',
    execErrState: 'Error',
    condition: 'C',
    annotations,
    data: [
      { refId: 'A', datasourceUid: source.uid, relativeTimeRange: { from: seconds, to: 0 }, model },
      expression('B', { type: 'reduce', expression: 'A', reducer }),
      expression('C', {
        type: 'threshold',
        expression: 'B',
        conditions: [{ evaluator: { type: isBelow ? 'lt' : 'gt', params: [limit] } }],
      }),
    ],
  };
}
