/** Processes: a list, the tree of parents and children, and the images of one process. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import {
  DEFAULT_PROCESSES,
  MAX_LISTED_PROCESSES,
  PROCESS_STATES,
  type ProcessesQuery,
  type ProcessState,
  type ProcessView,
} from '../../../../contract/query-types/processes';
import { useSuggestions } from '../../builder/builder-context';
import { ProcessPicker } from '../../builder/ProcessPicker';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { NumberField } from '../../builder/NumberField';
import { stringToSave, StringField, ViewField } from './fields';
import { type RequestFormProps } from './request-form';
import { TraceFile } from './TraceFile';

type StateChoice = ProcessState | 'any';

function stateLabel(state: StateChoice): string {
  switch (state) {
    case 'any':
      return t('query-types.any', 'Any');
    case 'running':
      return t('query-types.processes.running', 'Running');
    case 'ended':
      return t('query-types.processes.ended', 'Ended');
    case 'crashed':
      return t('query-types.processes.crashed', 'Crashed');
  }
}

function pickerTooltip(view: ProcessView): string | undefined {
  switch (view) {
    case 'list':
      return t('query-types.processes.list-tooltip', 'The list contains only this process.');
    case 'tree':
      return t(
        'query-types.processes.tree-tooltip',
        'The process whose parents and children are shown. Without a process, the tree shows all processes that the fields below select.'
      );
    case 'images':
      return undefined;
  }
}

/** The form of the type _Processes_. The backend writes the statements of this type. */
export function ProcessesForm(props: RequestFormProps<ProcessesQuery>) {
  const { request, idPrefix, onChange } = props;
  return (
    <>
      <ViewField<ProcessView>
        views={[
          { value: 'list', label: t('query-types.processes.list', 'List') },
          { value: 'tree', label: t('query-types.processes.tree', 'Tree') },
          { value: 'images', label: t('query-types.processes.images', 'Images') },
        ]}
        value={request.view}
        // A process that was chosen for another view would hide all other processes of the list.
        onChange={(view) => onChange({ ...request, view, ...(view === 'list' && { processId: undefined }) })}
      />
      {(request.view !== 'list' || request.processId !== undefined) && (
        <EditorRow>
          <ProcessPicker
            id={`${idPrefix}-process`}
            isRequired={request.view === 'images'}
            requiredTag={request.view === 'images' ? 'image' : undefined}
            tooltip={pickerTooltip(request.view)}
            value={request.processId ?? ''}
            onChange={(processId) => onChange({ ...request, processId: stringToSave(processId) })}
          />
        </EditorRow>
      )}
      {(request.view === 'list' || (request.view === 'tree' && request.processId === undefined)) && (
        <ListRows {...props} />
      )}
      {/* The list has several processes, even if the request names one. */}
      {request.view !== 'list' && <TraceFile {...props} processId={request.processId} />}
    </>
  );
}

function ListRows({ request, idPrefix, onChange }: RequestFormProps<ProcessesQuery>) {
  const suggestions = useSuggestions();
  const set = (patch: Partial<ProcessesQuery>) => onChange({ ...request, ...patch });
  const any = t('query-types.any', 'Any');
  return (
    <>
      <EditorRow>
        <StringField
          id={`${idPrefix}-search`}
          label={t('query-types.processes.search', 'Search')}
          tooltip={t(
            'query-types.processes.search-tooltip',
            'Part of program, computer, user or id, in any letter case.'
          )}
          width={38}
          placeholder={t('query-types.processes.search-placeholder', 'Program, computer, user or id')}
          value={request.search}
          onChange={(search) => set({ search })}
        />
        <EditorField label={t('query-types.processes.state', 'State')} htmlFor={`${idPrefix}-state`}>
          <ChoiceBox<StateChoice>
            id={`${idPrefix}-state`}
            width={16}
            options={(['any', ...PROCESS_STATES] as const).map((value) => ({ value, label: stateLabel(value) }))}
            value={request.state ?? 'any'}
            onChange={(state) => set({ state: state === 'any' ? undefined : state })}
          />
        </EditorField>
        <NumberField
          id={`${idPrefix}-limit`}
          label={t('query-types.limit', 'Limit')}
          max={MAX_LISTED_PROCESSES}
          placeholder={String(DEFAULT_PROCESSES)}
          value={request.limit}
          onChange={(limit) => set({ limit })}
        />
      </EditorRow>
      <EditorRow>
        <StringField
          id={`${idPrefix}-program`}
          label={t('query-types.processes.program', 'Program')}
          placeholder={any}
          value={request.exe}
          options={(search) => suggestions.processStrings('exe', search)}
          onChange={(exe) => set({ exe })}
        />
        <StringField
          id={`${idPrefix}-computer`}
          label={t('query-types.processes.computer', 'Computer')}
          placeholder={any}
          value={request.computer}
          options={(search) => suggestions.processStrings('computer', search)}
          onChange={(computer) => set({ computer })}
        />
        <StringField
          id={`${idPrefix}-user`}
          label={t('query-types.processes.user', 'User')}
          placeholder={any}
          value={request.username}
          options={(search) => suggestions.processStrings('username', search)}
          onChange={(username) => set({ username })}
        />
        <StringField
          id={`${idPrefix}-version`}
          label={t('query-types.processes.version', 'Version')}
          placeholder={any}
          value={request.version}
          options={(search) => suggestions.versions(search)}
          onChange={(version) => set({ version })}
        />
      </EditorRow>
    </>
  );
}
