/** The row at the top of the query editor: query type, format, buttons, and the choice of builder or code. */
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { EditorHeader, FlexItem } from '@grafana/plugin-ui';
import { Button, InlineField, RadioButtonGroup, Stack, useStyles2 } from '@grafana/ui';
import React, { useRef } from 'react';
import { readQuery } from '../../../contract/queries/query';
import { DEFAULT_LOG_ROWS, type QueryFormat } from '../../../contract/result-format';
import { type EditorMode } from '../builder/builder-mode';
import { ChoiceBox } from '../../shared/controls/ChoiceBox';
import { type MicromegasQuery } from '../../shared/types';
import { RunButton } from '../../shared/controls/RunButton';
import { formats } from '../model/query-options';

interface Props {
  query: MicromegasQuery;
  /** The control that chooses the query type. False in editors that offer no types. */
  typeChoice: React.ReactNode;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  /** True while the help is shown. Undefined where Grafana has an icon for the help. */
  isHelpOpen: boolean | undefined;
  isRunning: boolean;
  mode: EditorMode;
  onMode: (mode: EditorMode) => void;
  onChoose: (patch: Partial<MicromegasQuery>) => void;
  onRun: () => void;
  onFormatSql: () => void;
  onToggleHelp: () => void;
}

/**
 * Shown at the top of the editor. The format _Logs_ sets a row limit if there is none, and another format removes this
 * limit again.
 */
export function QueryHeader({ query, idPrefix, ...props }: Props) {
  const { typeChoice, isHelpOpen, isRunning, mode, onMode, onChoose, ...actions } = props;
  const { format, rowLimit, autoLimit, sql } = readQuery(query);
  const isDefaultLimit = useRef(false);
  const styles = useStyles2(getStyles);

  const chooseFormat = (chosen: QueryFormat) => {
    const patch: Partial<MicromegasQuery> = { format: chosen };
    if (chosen === 'logs' && rowLimit === undefined && !autoLimit) {
      patch.rowLimit = DEFAULT_LOG_ROWS;
      isDefaultLimit.current = true;
    } else if (chosen !== 'logs' && isDefaultLimit.current && rowLimit === DEFAULT_LOG_ROWS) {
      // The limit was set with the format Logs, so a change to another format removes it.
      patch.rowLimit = undefined;
      isDefaultLimit.current = false;
    }
    onChoose(patch);
  };

  return (
    <EditorHeader>
      {typeChoice}
      {query.purpose !== 'annotation' && (
        <InlineField label={t('query.format.label', 'Format')} htmlFor={`${idPrefix}-format`} className={styles.format}>
          <ChoiceBox<QueryFormat>
            id={`${idPrefix}-format`}
            width={18}
            options={formats()}
            value={format}
            onChange={chooseFormat}
          />
        </InlineField>
      )}
      <FlexItem grow={1} />
      <Stack gap={1} wrap="wrap">
        {mode === 'code' && (
          <Button size="sm" variant="secondary" icon="brackets-curly" type="button" onClick={actions.onFormatSql}>
            <Trans i18nKey="query.format-sql">Format SQL</Trans>
          </Button>
        )}
        {isHelpOpen !== undefined && (
          <Button
            size="sm"
            variant="secondary"
            icon="question-circle"
            type="button"
            aria-expanded={isHelpOpen}
            onClick={actions.onToggleHelp}
          >
            <Trans i18nKey="query.help.button">Help</Trans>
          </Button>
        )}
        <RunButton isRunning={isRunning} disabled={sql === ''} onRun={actions.onRun} />
        <ModeSwitch mode={mode} onMode={onMode} />
      </Stack>
    </EditorHeader>
  );
}

interface ModeSwitchProps {
  mode: EditorMode;
  onMode: (mode: EditorMode) => void;
}

/** The parent decides when `mode` changes: the SQL is read before the builder opens. */
export function ModeSwitch({ mode, onMode }: ModeSwitchProps) {
  return (
    <RadioButtonGroup<EditorMode>
      size="sm"
      aria-label={t('query.mode.label', 'Editor mode')}
      options={[
        { value: 'builder', label: t('query.mode.builder', 'Builder') },
        { value: 'code', label: t('query.mode.code', 'Code') },
      ]}
      value={mode}
      onChange={onMode}
    />
  );
}

// The margin below an InlineField would move it above the center of the row.
const getStyles = () => ({ format: css({ marginBottom: 0 }) });
