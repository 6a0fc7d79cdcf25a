/** Offers to replace the time series of an alert rule by one number for each series. */
import { t, Trans } from '@grafana/i18n';
import { Button } from '@grafana/ui';
import { rangeUtil } from '@grafana/data';
import React, { useState } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { windowMsOf, windowNumber } from '../../../contract/builder/window-number';
import { readQuery } from '../../../contract/queries/query';
import { EditorNotice } from '../../shared/controls/EditorNotices';
import { type MicromegasQuery } from '../../shared/types';
import { toBuilderState } from '../builder/read-builder-sql';
import { shownSql } from '../model/query-draft';
import { sqlParser } from '../sql-parser/load-parser';

interface Props {
  query: MicromegasQuery;
  /** The state of the builder. Undefined in code mode. */
  state: BuilderState | undefined;
  /** @param before The state of the time series. */
  onNumber: (number: BuilderState, before: BuilderState) => void;
}

/**
 * Shown in the editor of an alert rule while the query returns a time series. SQL is read as a state of the builder
 * when the author presses the button.
 */
export function NumberOffer({ query, state, onNumber }: Props) {
  const sql = shownSql(query);
  const [unread, setUnread] = useState<string>();
  if (readQuery(query).format !== 'time_series' || sql.trim() === '') {
    return null;
  }
  if (unread === sql) {
    return (
      <EditorNotice
        message={t(
          'alert.number.unread',
          'The number could not be made from this query. Write SQL that returns one number for each series, with the format Table, or use the function Sum or Max in place of Last.'
        )}
      />
    );
  }
  const replace = async () => {
    const read = state === undefined ? await toBuilderState(sql, undefined, sqlParser) : undefined;
    const series = state ?? (read?.kind === 'read' ? read.state : undefined);
    const number = series && windowNumber(series, windowMsOf(series));
    if (series === undefined || number === undefined) {
      setUnread(sql);
    } else {
      onNumber(number, series);
    }
  };
  // The number of a rate is over the whole time range, see `windowNumber`.
  const hasWindow = state !== undefined && !(state.kind === 'metrics' && state.aggregation === 'rate');
  return (
    <EditorNotice
      message={
        !hasWindow
          ? t('alert.number.hint', 'A rule that reads a time series may miss intervals.')
          : t(
              'alert.number.window',
              'A rule that reads a time series may miss intervals. The number is over the last {{window}} of the time range.',
              { window: rangeUtil.secondsToHms(windowMsOf(state) / 1000), interpolation: { escapeValue: false } }
            )
      }
    >
      <Button size="sm" variant="secondary" type="button" onClick={() => void replace()}>
        <Trans i18nKey="alert.number.button">Use one number per series</Trans>
      </Button>
    </EditorNotice>
  );
}
