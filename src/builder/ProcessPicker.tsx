/** Chooses a process: a field with its id, which accepts variables, and a dialog that lists the processes. */
import { t, Trans } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Button } from '@grafana/ui';
import React, { useState } from 'react';
import { lazyEditor } from '../controls/lazy-editor';
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
  /** Called with an empty text when the field is emptied. */
  onChange: (processId: string) => void;
}

export function ProcessPicker({ id, label, tooltip, value, isRequired, onChange }: Props) {
  const suggestions = useSuggestions();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <EditorField
      label={label ?? t('builder.process.label', 'Process')}
      htmlFor={id}
      optional={!isRequired}
      tooltip={tooltip}
    >
      <div style={{ display: 'flex', gap: 8 }}>
        <CommitInput
          id={id}
          width={38}
          value={value}
          placeholder={t('builder.process.placeholder', 'Process id, or a variable such as $process')}
          onChange={(text) => onChange(text.trim())}
        />
        <Button variant="secondary" icon="search" type="button" onClick={() => setIsOpen(true)}>
          <Trans i18nKey="builder.process.choose">Choose process</Trans>
        </Button>
        {isOpen && (
          <ProcessDialog
            search={(text) => suggestions.processes(text)}
            onChoose={({ processId }) => {
              setIsOpen(false);
              onChange(processId);
            }}
            onDismiss={() => setIsOpen(false)}
          />
        )}
      </div>
    </EditorField>
  );
}
