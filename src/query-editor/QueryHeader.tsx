/** The row above the SQL: what the answer becomes, what limits it, and what can be done with the text. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, InlineField, InlineSwitch, Input, Stack, useStyles2 } from '@grafana/ui';
import React, { useRef } from 'react';
import { type QueryFormat, readQuery } from '../../contract/query';
import { ChoiceBox } from '../controls/ChoiceBox';
import { type MicromegasQuery } from '../types';
import { FORMATS } from './formats';
import { DEFAULT_LOG_ROWS } from './new-query';

interface Props {
  query: MicromegasQuery;
  /** Unique on the page: several editors are open at once. */
  idPrefix: string;
  isHelpOpen: boolean;
  isRunning: boolean;
  /** A choice was made. */
  onChoose: (patch: Partial<MicromegasQuery>) => void;
  /** Something is being typed. */
  onType: (patch: Partial<MicromegasQuery>) => void;
  onRun: () => void;
  onFormatSql: () => void;
  onToggleHelp: () => void;
}

export function QueryHeader(props: Props) {
  const { query, idPrefix, isHelpOpen, isRunning, onChoose, onType, onRun, onFormatSql, onToggleHelp } = props;
  const styles = useStyles2(getStyles);
  const shown = readQuery(query);
  const isDefaultLimit = useRef(false);
  const isLimitWrong = query.rowLimit !== undefined && shown.rowLimit === undefined;

  const chooseFormat = (format: QueryFormat) => {
    const patch: Partial<MicromegasQuery> = { format };
    if (format === 'logs' && shown.rowLimit === undefined && !shown.autoLimit) {
      patch.rowLimit = DEFAULT_LOG_ROWS;
      isDefaultLimit.current = true;
    } else if (format !== 'logs' && isDefaultLimit.current && shown.rowLimit === DEFAULT_LOG_ROWS) {
      // It came with the logs, so it goes with them.
      patch.rowLimit = undefined;
      isDefaultLimit.current = false;
    }
    onChoose(patch);
  };

  return (
    <Stack gap={0.5} wrap="wrap" alignItems="flex-start">
      {query.purpose !== 'annotation' && (
        <InlineField label="Format" htmlFor={`${idPrefix}-format`}>
          <ChoiceBox<QueryFormat>
            id={`${idPrefix}-format`}
            width={18}
            options={FORMATS}
            value={shown.format}
            onChange={chooseFormat}
          />
        </InlineField>
      )}
      <InlineField
        label="Time filter"
        tooltip="Sends the time range beside the SQL. Micromegas then reads only data of that range, in every view of the query."
      >
        <InlineSwitch
          id={`${idPrefix}-time-filter`}
          value={shown.timeFilter}
          onChange={({ currentTarget }) => onChoose({ timeFilter: currentTarget.checked })}
        />
      </InlineField>
      <InlineField
        label="Auto limit"
        tooltip="Cuts the answer at the panel's max data points, with a notice. Sums and series become wrong by it: use it for raw rows."
      >
        <InlineSwitch
          id={`${idPrefix}-auto-limit`}
          value={shown.autoLimit}
          onChange={({ currentTarget }) => onChoose({ autoLimit: currentTarget.checked })}
        />
      </InlineField>
      <InlineField
        label="Row limit"
        className={styles.rowLimit}
        shrink
        tooltip="Cuts the answer at this many rows, with a notice. Empty: no limit but that of the data source."
        invalid={isLimitWrong}
        error={isLimitWrong ? 'Not used: the row limit is a whole number of at least 1.' : undefined}
      >
        <Input
          id={`${idPrefix}-row-limit`}
          type="number"
          min={1}
          width={12}
          placeholder="none"
          value={query.rowLimit ?? ''}
          onChange={({ currentTarget }) =>
            onType({ rowLimit: currentTarget.value === '' ? undefined : Number(currentTarget.value) })
          }
          onKeyDown={({ key }) => {
            if (key === 'Enter' && shown.sql !== '') {
              onRun();
            }
          }}
        />
      </InlineField>
      <Stack gap={1} alignItems="center" wrap="wrap" grow={1} justifyContent="flex-end" minHeight={4}>
        <Button size="sm" variant="secondary" icon="brackets-curly" type="button" onClick={onFormatSql}>
          Format SQL
        </Button>
        <Button
          size="sm"
          variant="secondary"
          icon="question-circle"
          type="button"
          aria-expanded={isHelpOpen}
          onClick={onToggleHelp}
        >
          Help
        </Button>
        <Button
          size="sm"
          icon={isRunning ? 'spinner' : 'play'}
          type="button"
          disabled={shown.sql === ''}
          onClick={onRun}
        >
          Run query
        </Button>
      </Stack>
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // So that the error takes two lines in place of pushing the buttons away.
  rowLimit: css({ maxWidth: theme.spacing(40) }),
});
