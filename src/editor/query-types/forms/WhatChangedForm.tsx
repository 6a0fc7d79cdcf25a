/** The form that asks what changed in some processes or in a program, around a point in time or in the time range. */
import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React from 'react';
import {
  type ChangeScope,
  DEFAULT_LOOK_BACK,
  type LookBack,
  MAX_CHANGED_PROCESSES,
  WHAT_CHANGED,
  type WhatChangedRequest,
  windowAround,
} from '../../../../contract/query-types/what-changed';
import { wrapsButtons } from '../../../shared/controls/fit-parent';
import { EditorNotice } from '../../../shared/controls/EditorNotices';
import { useSuggestions, useTimeZone } from '../../builder/builder-context';
import { type Option, type Suggestions } from '../../builder/suggestions';
import { savedStrings, StringField, StringListField } from './fields';
import { type RequestFormProps } from './request-form';
import { WindowChip } from './WindowChip';

/** The form of the type _What changed_. */
export function WhatChangedForm(props: RequestFormProps<WhatChangedRequest>) {
  const { request, onChange } = props;
  const set = (patch: Partial<WhatChangedRequest>) => onChange({ ...request, ...patch });
  return (
    <>
      <EditorRow>
        <ScopeField value={request.scope || 'named'} onChange={(scope) => set({ scope })} />
        {request.scope !== 'lakehouse' && <NamedFields {...props} />}
        <WindowFields request={request} onChange={set} />
      </EditorRow>
      {!WHAT_CHANGED.hasInput(request) && (
        <EditorNotice
          message={t(
            'query-types.what-changed.missing',
            'The query does not run yet: choose Processes or a Program, or the scope Whole lakehouse.'
          )}
        />
      )}
    </>
  );
}

interface ScopeProps {
  value: ChangeScope | 'named';
  onChange: (scope: ChangeScope | undefined) => void;
}

function ScopeField({ value, onChange }: ScopeProps) {
  const label = t('query-types.what-changed.scope', 'Scope');
  return (
    <EditorField
      label={label}
      tooltip={t(
        'query-types.what-changed.scope-tooltip',
        'Callers and callees come from the traces of the processes. The whole lakehouse compares all processes, by program.'
      )}
    >
      <RadioButtonGroup<ChangeScope | 'named'>
        className={wrapsButtons}
        aria-label={label}
        options={[
          { value: 'named', label: t('query-types.what-changed.named', 'Selected') },
          {
            value: 'callers-and-callees',
            label: t('query-types.what-changed.callers-and-callees', 'With callers and callees'),
          },
          { value: 'lakehouse', label: t('query-types.what-changed.lakehouse', 'Whole lakehouse') },
        ]}
        value={value}
        onChange={(chosen) => onChange(chosen === 'named' ? undefined : chosen)}
      />
    </EditorField>
  );
}

/** The processes or the program. The field for the program is shown only if no process is selected. */
function NamedFields({ request, idPrefix, onChange }: RequestFormProps<WhatChangedRequest>) {
  const suggestions = useSuggestions();
  const timeZone = useTimeZone();
  const { processIds = [], exe } = request;
  return (
    <>
      <StringListField
        id={`${idPrefix}-processes`}
        label={t('query-types.what-changed.processes', 'Processes')}
        tooltip={t(
          'query-types.what-changed.processes-tooltip',
          'Compares the log lines of these processes in the window and before it, and the starts and ends of all processes of their programs.'
        )}
        width={50}
        placeholder={t('query-types.what-changed.all-processes', 'All processes of the program')}
        values={processIds}
        options={(search) => processOptions(suggestions, search, timeZone)}
        onChange={(next) => onChange({ ...request, processIds: savedStrings(next, MAX_CHANGED_PROCESSES) })}
      />
      {processIds.length === 0 && (
        <StringField
          id={`${idPrefix}-program`}
          label={t('query-types.what-changed.program', 'Program')}
          placeholder={t('query-types.what-changed.choose-program', 'Choose a program')}
          value={exe}
          options={(search) => suggestions.processStrings('exe', search)}
          onChange={(next) => onChange({ ...request, exe: next })}
        />
      )}
    </>
  );
}

interface WindowProps {
  request: WhatChangedRequest;
  onChange: (patch: Partial<WhatChangedRequest>) => void;
}

/** The window, if the query has a moment. Other queries use the time range. */
function WindowFields({ request, onChange }: WindowProps) {
  const timeZone = useTimeZone();
  const window = windowAround(request);
  if (window === undefined) {
    return null;
  }
  const label = t('query-types.what-changed.look-back', 'Before the moment');
  return (
    <>
      <EditorField label={label}>
        <RadioButtonGroup<LookBack>
          aria-label={label}
          options={[
            { value: '30m', label: t('query-types.what-changed.half-hour', '30 minutes') },
            { value: '2h', label: t('query-types.what-changed.hours', '2 hours') },
            { value: '24h', label: t('query-types.what-changed.day', '24 hours') },
          ]}
          value={request.lookBack || DEFAULT_LOOK_BACK}
          onChange={(lookBack) => onChange({ lookBack })}
        />
      </EditorField>
      <EditorField label={t('query-types.what-changed.moment', 'Moment')}>
        <WindowChip
          beginNs={nanoseconds(window.fromMs)}
          endNs={nanoseconds(window.toMs)}
          timeZone={timeZone}
          onRemove={() => onChange({ atMs: undefined, lookBack: undefined })}
        />
      </EditorField>
    </>
  );
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n);
}

/** Dashboard variables, and processes of the time range. Only the variables if the lookup fails. */
async function processOptions(
  suggestions: Suggestions,
  search: string,
  timeZone: string | undefined
): Promise<Option[]> {
  const { items } = await suggestions.processes(search).catch(() => ({ items: [] }));
  return [
    ...suggestions.variables(search),
    ...items.map(({ processId, exe, computer, startMs }) => ({
      value: processId,
      label: exe || processId,
      description: [computer, dateTimeFormat(startMs, { timeZone }), processId]
        .filter((part) => part !== '')
        .join(', '),
    })),
  ];
}
