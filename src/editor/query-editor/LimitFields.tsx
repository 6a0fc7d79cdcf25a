/** The time filter and the limits of a query. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorSwitch } from '@grafana/plugin-ui';
import { Input, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { readQuery } from '../../../contract/queries/query';
import { type MicromegasQuery } from '../../shared/types';
import { isRowLimitInvalid } from '../model/query-options';

export interface LimitProps {
  query: MicromegasQuery;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  /** If false, the row limit is shown only while the user edits it. */
  hasRowLimit: boolean;
  /** Called when the user has chosen a value. */
  onChoose: (patch: Partial<MicromegasQuery>) => void;
  /** Called while the user types a value. */
  onType: (patch: Partial<MicromegasQuery>) => void;
  onRun: () => void;
}

/** Shown among the options of a query. */
export function LimitFields(props: LimitProps) {
  const { query, idPrefix, hasRowLimit, onChoose } = props;
  const { timeFilter, autoLimit } = readQuery(query);
  const [isEditing, setIsEditing] = useState(false);
  return (
    <>
      <TimeFilterField
        id={`${idPrefix}-time-filter`}
        value={timeFilter}
        tooltip={t(
          'query.time-filter.tooltip',
          'Sends the time range with the SQL. Micromegas then reads only data of that range, in every view of the query.'
        )}
        onChange={(isOn) => onChoose({ timeFilter: isOn })}
      />
      <EditorField
        label={t('query.auto-limit.label', 'Auto limit')}
        htmlFor={`${idPrefix}-auto-limit`}
        tooltip={t(
          'query.auto-limit.tooltip',
          "Truncates the result at the panel's max data points, with a notice. Use this option for raw rows only: truncation makes sums and series wrong."
        )}
      >
        <EditorSwitch
          id={`${idPrefix}-auto-limit`}
          value={autoLimit}
          onChange={({ currentTarget }) => onChoose({ autoLimit: currentTarget.checked })}
        />
      </EditorField>
      {(hasRowLimit || isEditing) && <RowLimitField {...props} onFocusChange={setIsEditing} />}
    </>
  );
}

interface RowLimitProps extends LimitProps {
  onFocusChange: (hasFocus: boolean) => void;
}

/** An invalid row limit is marked and ignored. */
function RowLimitField({ query, idPrefix, onType, onRun, onFocusChange }: RowLimitProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.rowLimit}>
      <EditorField
        label={t('query.row-limit.label', 'Row limit')}
        htmlFor={`${idPrefix}-row-limit`}
        tooltip={t(
          'query.row-limit.tooltip',
          'Truncates the result at this number of rows, with a notice. If the SQL has a LIMIT too, the smaller one counts. Empty: the row limit of the data source applies.'
        )}
        invalid={isRowLimitInvalid(query)}
        error={t('query.row-limit.invalid', 'Ignored: the row limit is a whole number of at least 1.')}
      >
        <Input
          id={`${idPrefix}-row-limit`}
          type="number"
          min={1}
          width={14}
          placeholder={t('query.row-limit.placeholder', 'data source')}
          value={query.rowLimit ?? ''}
          onFocus={() => onFocusChange(true)}
          onBlur={() => onFocusChange(false)}
          onChange={({ currentTarget }) =>
            onType({ rowLimit: currentTarget.value === '' ? undefined : Number(currentTarget.value) })
          }
          onKeyDown={({ key }) => {
            if (key === 'Enter' && readQuery(query).sql !== '') {
              onRun();
            }
          }}
        />
      </EditorField>
    </div>
  );
}

interface TimeFilterProps {
  id: string;
  value: boolean;
  tooltip: string;
  onChange: (isOn: boolean) => void;
}

/**
 * Also shown in the editor of variables, which has no limits.
 *
 * @param value True: the time range is sent with the SQL.
 */
export function TimeFilterField({ id, value, tooltip, onChange }: TimeFilterProps) {
  return (
    <EditorField label={t('query.time-filter.label', 'Time filter')} htmlFor={id} tooltip={tooltip}>
      <EditorSwitch id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
    </EditorField>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // A narrow field, so that the error message wraps.
  rowLimit: css({ maxWidth: theme.spacing(32) }),
});
