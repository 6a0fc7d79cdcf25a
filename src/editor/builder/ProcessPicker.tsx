/** Chooses a process or stream: a field for an id or a variable, and a dialog that lists processes and streams. */
import { t, Trans } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';
import React, { useState } from 'react';
import { type StreamTag } from '../../../contract/resources/lookups';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { useSuggestions, useTimeZone } from './builder-context';
import { growing } from '../../shared/controls/fit-parent';
import { CommitInput } from './SuggestBox';

const ProcessDialog = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder-dialogs" */ './ProcessDialog')).ProcessDialog,
  { onDismiss: ({ onDismiss }) => onDismiss() }
);

interface Props {
  id: string;
  label?: string;
  tooltip?: string;
  value: string;
  isRequired?: boolean;
  /** The dialog lists only processes with a stream that has this tag. Default: all processes. */
  requiredTag?: StreamTag | undefined;
  /** True if the value is the id of a stream. Default: the id of a process. */
  picksStream?: boolean;
  /** Called with an empty string when the field is emptied. */
  onChange: (id: string) => void;
}

/** The widths have room for an id, and for the button beside it. */
const styles = { field: growing(340, 500), input: growing(160, 304) };

/** Shown in forms with a process or a stream. The file of the dialog is loaded when the user opens the dialog. */
export function ProcessPicker({
  id,
  label,
  tooltip,
  value,
  isRequired,
  requiredTag,
  picksStream = false,
  onChange,
}: Props) {
  const suggestions = useSuggestions();
  const timeZone = useTimeZone();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className={styles.field}>
      <EditorField
        label={label ?? t('builder.process.label', 'Process')}
        htmlFor={id}
        optional={!isRequired}
        tooltip={tooltip}
      >
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
          <div className={styles.input}>
            <CommitInput
              id={id}
              value={value}
              placeholder={
                picksStream
                  ? t('builder.stream.placeholder', 'Id, or a variable such as $stream')
                  : t('builder.process.placeholder', 'Id, or a variable such as $process')
              }
              onChange={(entered) => onChange(entered.trim())}
            />
          </div>
          <Button variant="secondary" icon="search" type="button" onClick={() => setIsOpen(true)}>
            {picksStream ? (
              <Trans i18nKey="builder.stream.choose">Choose stream</Trans>
            ) : (
              <Trans i18nKey="builder.process.choose">Choose process</Trans>
            )}
          </Button>
          {isOpen && (
            <ProcessDialog
              isOff={!suggestions.suggestsValues}
              has={requiredTag}
              timeZone={timeZone}
              search={(term) => suggestions.processes(term, requiredTag)}
              streams={picksStream ? (processId) => suggestions.streams(processId) : undefined}
              onChoose={(chosen) => {
                setIsOpen(false);
                onChange(chosen);
              }}
              onDismiss={() => setIsOpen(false)}
            />
          )}
        </div>
      </EditorField>
    </div>
  );
}
