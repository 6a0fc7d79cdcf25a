/** The form for a profile of one process. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React, { useEffect, useState } from 'react';
import {
  PROFILE_SPANS,
  type ProfileRequest,
  type ProfileSpans,
  type ProfileView,
  windowEnd,
} from '../../../../contract/query-types/profile';
import { useSuggestions, useTimeZone } from '../../builder/builder-context';
import { ProcessPicker } from '../../builder/ProcessPicker';
import { SuggestBox } from '../../builder/SuggestBox';
import { type Option, type Suggestions } from '../../builder/suggestions';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { limitsChildren } from '../../../shared/controls/fit-parent';
import { partLabel, profileParts, windowOfPart } from '../profile-parts';
import { ChoicesField, stringToSave, StringField, ViewField } from './fields';
import { type RequestFormProps } from './request-form';
import { TraceFile } from './TraceFile';
import { WindowChip } from './WindowChip';

function spansLabel(spans: ProfileSpans): string {
  switch (spans) {
    case 'thread':
      return t('query-types.profile.spans-thread', 'Threads');
    case 'async':
      return t('query-types.profile.spans-async', 'Async');
    case 'net':
      return t('query-types.profile.spans-net', 'Network');
  }
}

/** The form of the type _Profile_. */
export function ProfileForm(props: RequestFormProps<ProfileRequest>) {
  const { request, idPrefix, refId, data, onChange } = props;
  const suggestions = useSuggestions();
  const timeZone = useTimeZone();
  const parts = profileParts(data, refId);
  const { view, processId, streamId, spans, beginNs, root } = request;
  const endNs = windowEnd(request);
  const set = (patch: Partial<ProfileRequest>) => onChange({ ...request, ...patch });
  return (
    <>
      <ViewField<ProfileView>
        views={[
          { value: 'flame-graph', label: t('query-types.profile.flame-graph', 'Flame graph') },
          { value: 'timeline', label: t('query-types.profile.timeline', 'Timeline') },
        ]}
        value={view}
        // Only timelines can show network spans.
        onChange={(next) => set({ view: next, ...(next === 'flame-graph' && { spans: withoutNet(spans) }) })}
      />
      <EditorRow>
        <ProcessPicker
          id={`${idPrefix}-process`}
          isRequired
          requiredTag="cpu"
          value={processId}
          // The thread and the time window belong to the previous process.
          onChange={(next) =>
            set({ processId: stringToSave(next) ?? '', streamId: undefined, beginNs: undefined, endNs: undefined })
          }
        />
        <ThreadField
          id={`${idPrefix}-thread`}
          processId={processId}
          value={streamId ?? ''}
          onChange={(next) => set({ streamId: stringToSave(next) })}
        />
        <ChoicesField<ProfileSpans>
          id={`${idPrefix}-spans`}
          label={t('query-types.profile.spans', 'Spans')}
          tooltip={t(
            'query-types.profile.spans-tooltip',
            'Instrumented functions of threads, asynchronous tasks, and, in a timeline, connections and messages.'
          )}
          width={24}
          placeholder={view === 'timeline' ? t('query-types.profile.all-spans', 'All') : spansLabel('thread')}
          choices={PROFILE_SPANS.filter((value) => value !== 'net' || view === 'timeline').map((value) => ({
            value,
            label: spansLabel(value),
          }))}
          values={spans}
          onChange={(next) => set({ spans: next })}
        />
      </EditorRow>
      <EditorRow>
        <StringField
          id={`${idPrefix}-root`}
          label={t('query-types.profile.root', 'Root function')}
          tooltip={t('query-types.profile.root-tooltip', 'Only calls of this function, and the calls below them.')}
          width={38}
          placeholder={t('query-types.any', 'Any')}
          value={root}
          options={(search) => functionNames(suggestions, streamId, search)}
          onChange={(next) => set({ root: next })}
        />
        {beginNs === undefined && endNs === undefined && parts.length > 1 && (
          <EditorField
            label={t('query-types.profile.part', 'Part of the range')}
            tooltip={t(
              'query-types.profile.part-tooltip',
              'The time range has more calls than a flame graph shows. The table Slowest calls always covers the whole range.'
            )}
            htmlFor={`${idPrefix}-part`}
          >
            <div className={limitsChildren}>
              <ChoiceBox
                id={`${idPrefix}-part`}
                width={50}
                options={parts.map((part) => ({ value: String(part.beginMs), label: partLabel(part, timeZone) }))}
                value={String(parts[0].beginMs)}
                onChange={(chosen) => {
                  const part = parts.find(({ beginMs }) => String(beginMs) === chosen);
                  if (part !== undefined) {
                    set(windowOfPart(part));
                  }
                }}
              />
            </div>
          </EditorField>
        )}
        {(beginNs !== undefined || endNs !== undefined) && (
          <EditorField label={t('query-types.profile.window', 'Moment')}>
            <WindowChip
              beginNs={beginNs}
              endNs={endNs}
              timeZone={timeZone}
              onMove={set}
              onRemove={() => set({ beginNs: undefined, endNs: undefined })}
            />
          </EditorField>
        )}
      </EditorRow>
      <TraceFile {...props} processId={processId} window={request} />
    </>
  );
}

function withoutNet(spans: readonly ProfileSpans[] | undefined): ProfileSpans[] | undefined {
  const others = spans?.filter((value) => value !== 'net') ?? [];
  return others.length === 0 ? undefined : others;
}

/** Variables, and the functions of the chosen thread. Without a thread, only variables: a lookup reads one thread. */
async function functionNames(
  suggestions: Suggestions,
  streamId: string | undefined,
  search: string
): Promise<Option[]> {
  return streamId === undefined
    ? suggestions.variables(search)
    : suggestions.values({ table: 'thread_spans', instanceId: streamId }, { column: 'name' }, search);
}

interface ThreadProps {
  id: string;
  processId: string;
  value: string;
  onChange: (streamId: string) => void;
}

function ThreadField({ id, processId, value, onChange }: ThreadProps) {
  const threads = useThreads(processId);
  const suggestions = useSuggestions();
  return (
    <EditorField label={t('query-types.profile.thread', 'Thread')} htmlFor={id}>
      <SuggestBox
        id={id}
        width={30}
        value={value}
        placeholder={t('query-types.profile.all-threads', 'All threads')}
        options={[...threads, ...suggestions.variables()]}
        onChange={onChange}
      />
    </EditorField>
  );
}

/** Threads of the process. Empty until the server has responded. */
function useThreads(processId: string): readonly Option[] {
  const suggestions = useSuggestions();
  const [threads, setThreads] = useState<{ of: string; options: Option[] }>({ of: processId, options: [] });
  useEffect(() => {
    let isCurrent = true;
    void suggestions.threads(processId).then((options) => isCurrent && setThreads({ of: processId, options }));
    return () => {
      isCurrent = false;
    };
  }, [suggestions, processId]);
  return threads.of === processId ? threads.options : [];
}
