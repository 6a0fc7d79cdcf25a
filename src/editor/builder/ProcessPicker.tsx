/** Chooses a process or stream: a field with its id, which accepts variables, and a dialog that lists them. */
import { t, Trans } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';
import React, { useState } from 'react';
import { type StreamTag } from '../../../contract/resources/lookups';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { useSuggestions } from './builder-context';
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
  /** Only processes with streams of this tag are listed. Default: all. */
  requiredTag?: StreamTag | undefined;
  /** True if the value is a stream of a process. */
  picksStream?: boolean;
  /** Called with an empty string when the field is emptied. */
  onChange: (id: string) => void;
}

/** Shown in the forms of queries that read one process. The file of its dialog is loaded when it is opened. */
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
  const [isOpen, setIsOpen] = useState(false);
  return (
    <EditorField
      label={label ?? t('builder.process.label', 'Process')}
      htmlFor={id}
      optional={!isRequired}
      tooltip={tooltip}
    >
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
        <CommitInput
          id={id}
          width={38}
          value={value}
          placeholder={
            picksStream
              ? t('builder.stream.placeholder', 'Id, or a variable such as $stream')
              : t('builder.process.placeholder', 'Id, or a variable such as $process')
          }
          onChange={(entered) => onChange(entered.trim())}
        />
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
  );
}
