/** The id of a trace. Pasting a string that contains an id is enough to run the query. */
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React, { useState } from 'react';
import { traceIdOf } from '../../../../contract/query-types/traces';
import { fitsParent } from '../../../shared/controls/fit-parent';
import { hasReference } from '../attribute-values';
import { traceIdIn } from '../trace-ids';
import { stringToSave } from './fields';

interface Props {
  id: string;
  value: string;
  /** Called as soon as the string has an id, when the user presses Enter, and when the focus leaves the field. */
  onChange: (traceId: string | undefined) => void;
}

/** Variables are allowed. An invalid string is marked after Enter, and when the field has lost the focus. */
export function TraceIdField({ id, value, onChange }: Props) {
  const [draft, setDraft] = useState({ of: value, entered: value });
  const typed = draft.of === value ? draft.entered : value;
  const change = (entered: string) => {
    const found = traceIdIn(entered);
    setDraft({ of: value, entered: found ?? entered });
    if (found !== undefined && found !== value) {
      onChange(found);
    }
  };
  const commit = () => {
    if (typed.trim() !== value) {
      onChange(stringToSave(typed));
    }
  };
  const isInvalid = typed === value && value !== '' && traceIdOf(value) === undefined && !hasReference(value);
  return (
    <EditorField
      label={t('query-types.trace-id.label', 'Trace id')}
      htmlFor={id}
      invalid={isInvalid}
      error={t('query-types.trace-id.invalid', 'A trace id has 32 or 16 hexadecimal digits.')}
    >
      <Input
        id={id}
        width={44}
        className={fitsParent}
        value={typed}
        invalid={isInvalid}
        spellCheck={false}
        autoComplete="off"
        placeholder={t('query-types.trace-id.placeholder', 'Paste an id, a URL or a traceparent header')}
        onChange={({ currentTarget }) => change(currentTarget.value)}
        onBlur={commit}
        onKeyDown={({ key }) => {
          if (key === 'Enter') {
            commit();
          }
        }}
      />
    </EditorField>
  );
}
