/** The form of a query without SQL, such as a query of the type _Traces_. */
import { type PanelData, type TimeRange } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { Alert, Button } from '@grafana/ui';
import React from 'react';
import { isInstanceId } from '../../../contract/resources/lookups';
import {
  type ViewQueryFields,
  type ViewQueryType,
  type ViewRequest,
  viewRequestOf,
} from '../../../contract/query-types/view-request';
import { BuilderContext } from '../builder/builder-context';
import { Rows } from '../../shared/controls/Rows';
import { PerfettoDownload } from '../../explore/perfetto/PerfettoDownload';
import { type MicromegasApi } from '../../shared/types';
import { ProcessesForm } from './forms/ProcessesForm';
import { ProfileForm } from './forms/ProfileForm';
import { TracesForm } from './forms/TracesForm';
import { WhatChangedForm } from './forms/WhatChangedForm';
import { profileParts, windowRange } from './profile-parts';
import { newRequestPatch } from '../model/query-types';

interface Props {
  datasource: MicromegasApi;
  range?: TimeRange;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  type: ViewQueryType;
  query: ViewQueryFields & { refId: string };
  /** The result of the query. */
  data?: PanelData;
  /** Saves the request. Runs the query if the request is complete, or was complete before the change. */
  onChange: (patch: ViewQueryFields) => void;
}

/** `LazyViewQueryEditor` loads this component on demand. */
export function ViewQueryEditor({ datasource, range, data, type, query, idPrefix, onChange }: Props) {
  return (
    <BuilderContext datasource={datasource} range={range} timeZone={data?.request?.timezone}>
      <Rows>
        <Form type={type} query={query} data={data} idPrefix={`${idPrefix}-${type}`} onChange={onChange} />
        <TraceFile datasource={datasource} range={range} query={query} />
      </Rows>
    </BuilderContext>
  );
}

function Form({ type, query, data, idPrefix, onChange }: Omit<Props, 'datasource' | 'range'>) {
  const view = viewRequestOf(query);
  switch (view?.type) {
    case 'traces':
      return <TracesForm request={view.request} idPrefix={idPrefix} onChange={(traces) => onChange({ traces })} />;
    case 'profile':
      return (
        <ProfileForm
          request={view.request}
          idPrefix={idPrefix}
          parts={profileParts(data, query.refId)}
          timeZone={data?.request?.timezone}
          onChange={(profile) => onChange({ profile })}
        />
      );
    case 'processes':
      return (
        <ProcessesForm request={view.request} idPrefix={idPrefix} onChange={(processes) => onChange({ processes })} />
      );
    case 'what-changed':
      return (
        <WhatChangedForm
          request={view.request}
          idPrefix={idPrefix}
          timeZone={data?.request?.timezone}
          onChange={(request) => onChange({ 'what-changed': request })}
        />
      );
    case undefined:
      return <Unreadable onReset={() => onChange(newRequestPatch(type))} />;
  }
}

/** The process whose telemetry the view shows. Undefined for the list of processes, even if it is for one process. */
function shownProcess(view: ViewRequest | undefined): string | undefined {
  const isShown = view?.type === 'profile' || (view?.type === 'processes' && view.request.view !== 'list');
  return isShown ? view.request.processId?.trim() : undefined;
}

/**
 * The download of the process's spans in the time that the form shows: the window of a profile, or the time range.
 * Renders nothing if the request names no process, or has a variable in place of the id.
 */
function TraceFile({ datasource, range, query }: Pick<Props, 'datasource' | 'range' | 'query'>) {
  const view = viewRequestOf(query);
  const processId = shownProcess(view);
  const window = view?.type === 'profile' ? view.request : {};
  return range !== undefined && processId !== undefined && isInstanceId(processId) ? (
    <EditorRow>
      <PerfettoDownload datasource={datasource} processId={processId} {...windowRange(window, range)} />
    </EditorRow>
  ) : null;
}

/** Warns about a request that the form cannot show, and offers to empty the form. */
function Unreadable({ onReset }: { onReset: () => void }) {
  return (
    <EditorRow>
      <Alert
        severity="warning"
        title={t('query-types.unreadable.title', 'The form cannot show the saved query')}
        bottomSpacing={0}
      >
        <p>
          <Trans i18nKey="query-types.unreadable.text">
            A field of the query is missing, too long, or has an unknown value. Run the query to see which one, or start
            with an empty form.
          </Trans>
        </p>
        <Button size="sm" variant="secondary" type="button" onClick={onReset}>
          <Trans i18nKey="query-types.unreadable.reset">Empty the form</Trans>
        </Button>
      </Alert>
    </EditorRow>
  );
}
