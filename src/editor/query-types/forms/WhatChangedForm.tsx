/** The form that asks what changed in some processes or in a program, around a point in time or in the time range. */
import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import {
  AROUND_MS,
  MAX_CHANGED_PROCESSES,
  type WhatChangedRequest,
} from '../../../../contract/query-types/what-changed';
import { useSuggestions } from '../../builder/builder-context';
import { type Option, type Suggestions } from '../../builder/suggestions';
import { type RequestFormProps, savedStrings, StringField, StringListField } from './fields';
import { WindowChip } from './WindowChip';

interface WhatChangedProps extends RequestFormProps<WhatChangedRequest> {
  /** Time zone of the request, such as `utc` or `browser`. Default: the time zone of the user. */
  timeZone?: string;
}

/** The form of the type _What changed_. The field for the program is shown only if no process is selected. */
export function WhatChangedForm({ request, idPrefix, timeZone, onChange }: WhatChangedProps) {
  const suggestions = useSuggestions();
  const { processIds = [], exe, atMs } = request;
  const set = (patch: Partial<WhatChangedRequest>) => onChange({ ...request, ...patch });
  return (
    <EditorRow>
      <StringListField
        id={`${idPrefix}-processes`}
        label={t('query-types.what-changed.processes', 'Processes')}
        tooltip={t(
          'query-types.what-changed.processes-tooltip',
          'Compares the log lines of these processes before and after the time, and the starts and ends of all processes of their programs.'
        )}
        width={50}
        placeholder={t('query-types.what-changed.all-processes', 'All processes of the program')}
        values={processIds}
        options={(search) => processOptions(suggestions, search, timeZone)}
        onChange={(next) => set({ processIds: savedStrings(next, MAX_CHANGED_PROCESSES) })}
      />
      {processIds.length === 0 && (
        <StringField
          id={`${idPrefix}-program`}
          label={t('query-types.what-changed.program', 'Program')}
          placeholder={t('query-types.what-changed.choose-program', 'Choose a program')}
          value={exe}
          options={(search) => suggestions.processStrings('exe', search)}
          onChange={(next) => set({ exe: next })}
        />
      )}
      {atMs !== undefined && (
        <EditorField label={t('query-types.what-changed.moment', 'Moment')}>
          <WindowChip {...windowAround(Number(atMs))} timeZone={timeZone} onRemove={() => set({ atMs: undefined })} />
        </EditorField>
      )}
    </EditorRow>
  );
}

function windowAround(atMs: number): { beginNs: string; endNs: string } {
  const [beginNs, endNs] = [atMs - AROUND_MS, atMs + AROUND_MS].map((ms) =>
    String(BigInt(Math.floor(ms)) * 1_000_000n)
  );
  return { beginNs, endNs };
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
