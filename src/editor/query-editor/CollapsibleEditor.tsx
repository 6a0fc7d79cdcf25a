/**
 * The query editor as Grafana shows it. In Explore, a query that comes from a link, a shared URL or the history starts
 * as one line, so that its result is visible. For a query that the user adds, the editor is shown at once.
 */
import { CoreApp, type QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { isEqual, omit } from 'lodash';
import React, { useEffect, useRef, useState } from 'react';
import { StringMap } from '../../../contract/string-map';
import { requestZone } from '../../shared/interpolation/time-zone';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../../shared/types';
import { queryLabel } from './query-label';
import { useNamedProcesses } from './named-processes';
import { isRunnable } from '../model/query-draft';
import { QueryEditor } from './QueryEditor';
import { CollapsedQuery } from './CollapsedQuery';
import { isLogsQuery, orderedQuery, useLogDirection } from './use-log-direction';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

/**
 * The queries whose editors were shown: for each pane, the last state of each query by `refId`. Grafana unmounts an
 * editor when the row of the editor is collapsed. The props of an editor do not identify the pane, and a query from a
 * URL has no `key`. The key of a pane is `onRunQuery`, which is the same function while the pane exists.
 */
const shownByPane = new WeakMap<Props['onRunQuery'], StringMap<MicromegasQuery>>();

function shownIn(pane: Props['onRunQuery']): StringMap<MicromegasQuery> {
  const shown = shownByPane.get(pane) ?? new StringMap();
  shownByPane.set(pane, shown);
  return shown;
}

/**
 * True if the editor of the query was shown in the pane. If the user renames or duplicates a query, Grafana mounts an
 * editor for the same query with another `refId`.
 */
function wasShown(pane: Props['onRunQuery'], query: MicromegasQuery): boolean {
  const shown = shownIn(pane);
  return shown.has(query.refId) || [...shown.values()].some((other) => isEqual(content(other), content(query)));
}

function content(query: MicromegasQuery): Partial<MicromegasQuery> {
  return omit(query, 'refId', 'key');
}

/** Registered as the query editor of the plugin. */
export function CollapsibleEditor(props: Props) {
  return props.app === CoreApp.Explore ? <ExploreEditor {...props} /> : <QueryEditor {...props} />;
}

function ExploreEditor(props: Props) {
  const { query, onRunQuery: pane } = props;
  const canCollapse = isRunnable(query) && query.importNotice === undefined;
  const [isOpen, setIsOpen] = useState(() => !canCollapse || wasShown(pane, query));
  const [wasExpanded, setWasExpanded] = useState(false);
  const editor = useRef<HTMLDivElement>(null);
  const isShown = isOpen || !canCollapse;
  useEffect(() => {
    if (isShown) {
      shownIn(pane).set(query.refId, query);
    }
  }, [isShown, pane, query]);
  useEffect(() => {
    // The button _Edit_, which had the focus, is unmounted. So the editor gets the focus.
    if (wasExpanded) {
      editor.current?.focus();
    }
  }, [wasExpanded]);
  return isShown ? (
    <div
      ref={editor}
      role="group"
      aria-label={t('query.editor.label', 'Query editor')}
      tabIndex={-1}
      style={{ outline: 'none' }}
    >
      <QueryEditor {...props} />
    </div>
  ) : (
    <Summary
      {...props}
      onEdit={() => {
        setIsOpen(true);
        setWasExpanded(true);
      }}
    />
  );
}

function Summary({
  query,
  datasource,
  range,
  data,
  app,
  onChange,
  onRunQuery,
  onEdit,
}: Props & { onEdit: () => void }) {
  useLogDirection({
    app,
    isLogs: isLogsQuery(query),
    onDirection: (direction) => {
      const ordered = orderedQuery(query, direction);
      if (ordered !== undefined) {
        onChange(ordered);
        onRunQuery();
      }
    },
  });
  const zone = requestZone(data?.request?.timezone);
  return (
    <CollapsedQuery summary={useNamedProcesses(queryLabel(query), datasource.lookups, range, zone)} onEdit={onEdit} />
  );
}
