/**
 * A dialog that lists the processes of the time range, most recent first. If the caller needs a stream, the dialog then
 * lists the streams of the chosen process. Each row has a button, so that the row can be chosen with the keyboard.
 */
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, intervalToAbbreviatedDurationString } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, Input, LoadingPlaceholder, Modal, Stack, useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { type ProcessInfo, type StreamInfo, type StreamTag } from '../../../contract/resources/lookups';
import { failureMessage } from '../../shared/failure-message';
import { THREAD_TAG } from './suggestions';

interface Found<Item> {
  items: Item[];
  isTruncated: boolean;
}

interface Props {
  /** True if the data source suggests no values. */
  isOff: boolean;
  /** Lists only processes that have a stream with this tag. Undefined: lists all processes. */
  has: StreamTag | undefined;
  /** The times at which processes started are shown in this time zone. Undefined: the time zone of the user. */
  timeZone: string | undefined;
  search: (search: string) => Promise<Found<ProcessInfo>>;
  /** Returns the streams of a process, so that the user can choose a stream. Undefined: the user chooses a process. */
  streams?: (processId: string) => Promise<Found<StreamInfo>>;
  /** Called with the id of the process or stream. */
  onChoose: (id: string) => void;
  onDismiss: () => void;
}

type Listing<Item> = { status: 'loading' } | { status: 'failed'; error: string } | ({ status: 'ready' } & Found<Item>);

/** Milliseconds between the last key press and the request of a search. */
const SEARCH_PAUSE_MS = 250;

/**
 * Loads the items for a search. Results that arrive for an older search are dropped.
 *
 * @param pauseMs Milliseconds between a change of the search and the request.
 * @returns The items, or the state of the request.
 */
function useListing<Item>(
  search: string,
  load: (search: string) => Promise<Found<Item>>,
  pauseMs: number
): Listing<Item> {
  const [listing, setListing] = useState<Listing<Item>>({ status: 'loading' });
  const latest = React.useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    let isCurrent = true;
    const set = (next: Listing<Item>) => {
      if (isCurrent) {
        setListing(next);
      }
    };
    const timer = setTimeout(() => {
      set({ status: 'loading' });
      latest.current(search).then(
        (found) => set({ status: 'ready', ...found }),
        (reason: unknown) => set({ status: 'failed', error: failureMessage(reason) })
      );
    }, pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [search, pauseMs]);
  return listing;
}

/**
 * A message replaces the list in four cases: the list is loading, is empty, could not be loaded, or `isOff` is true.
 */
export function ProcessDialog({ isOff, has, timeZone, search, streams, onChoose, onDismiss }: Props) {
  const [process, setProcess] = useState<ProcessInfo>();
  if (isOff) {
    return (
      <Modal title={t('builder.process.dialog', 'Choose a process')} isOpen onDismiss={onDismiss}>
        <Trans i18nKey="builder.process.off">
          The processes are not listed, because “Suggest values” is off in the settings of the data source. Close this
          dialog, and type an id or a variable.
        </Trans>
      </Modal>
    );
  }
  return process !== undefined && streams !== undefined ? (
    <Modal title={t('builder.stream.dialog', 'Choose a stream')} isOpen onDismiss={onDismiss}>
      <StreamList process={process} load={streams} onChoose={onChoose} onBack={() => setProcess(undefined)} />
    </Modal>
  ) : (
    <Modal title={t('builder.process.dialog', 'Choose a process')} isOpen onDismiss={onDismiss}>
      <ProcessSearch
        has={has}
        timeZone={timeZone}
        search={search}
        onChoose={(chosen) => (streams === undefined ? onChoose(chosen.processId) : setProcess(chosen))}
      />
    </Modal>
  );
}

function ProcessSearch({
  has,
  timeZone,
  search,
  onChoose,
}: Pick<Props, 'has' | 'timeZone' | 'search'> & { onChoose: (process: ProcessInfo) => void }) {
  const [entered, setSearch] = useState('');
  const listing = useListing(entered, search, entered === '' ? 0 : SEARCH_PAUSE_MS);
  return (
    <>
      <Input
        autoFocus
        aria-label={t('builder.process.search', 'Search processes')}
        placeholder={t('builder.process.search-placeholder', 'Program, computer, user or id')}
        value={entered}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <ItemTable
        listing={listing}
        columns={[
          t('builder.process.program', 'Program'),
          t('builder.process.computer', 'Computer'),
          t('builder.process.user', 'User'),
          t('builder.process.start', 'Start'),
          t('builder.process.duration', 'Duration'),
        ]}
        failed={t('builder.process.failed', 'The processes could not be loaded.')}
        none={noProcess(has)}
        truncated={t('builder.process.truncated', 'There are more processes. Type a text to find them.')}
        row={(process) => (
          <ProcessRow key={process.processId} process={process} timeZone={timeZone} onChoose={onChoose} />
        )}
      />
    </>
  );
}

function noProcess(has: StreamTag | undefined): string {
  switch (has) {
    case undefined:
      return t('builder.process.none', 'No process matches. The list has only processes of the time range.');
    case 'cpu':
      return t(
        'builder.process.none-cpu',
        'No process matches. The list has only processes of the time range with calls of threads.'
      );
    case 'trace':
      return t(
        'builder.process.none-trace',
        'No process matches. The list has only processes of the time range with OpenTelemetry spans.'
      );
    case 'image':
      return t(
        'builder.process.none-image',
        'No process matches. The list has only processes of the time range with images.'
      );
  }
}

interface StreamListProps {
  process: ProcessInfo;
  load: NonNullable<Props['streams']>;
  onChoose: (streamId: string) => void;
  onBack: () => void;
}

function StreamList({ process, load, onChoose, onBack }: StreamListProps) {
  const listing = useListing(
    process.processId,
    async (processId) => {
      const { items, isTruncated } = await load(processId);
      const isThread = ({ tags }: StreamInfo) => tags.includes(THREAD_TAG);
      return { items: [...items.filter(isThread), ...items.filter((item) => !isThread(item))], isTruncated };
    },
    0
  );
  return (
    <>
      <Stack gap={1} alignItems="center">
        <Button size="sm" variant="secondary" icon="arrow-left" type="button" autoFocus onClick={onBack}>
          <Trans i18nKey="builder.stream.back">Processes</Trans>
        </Button>
        <span>
          {t('builder.stream.of', 'Streams of {{exe}} on {{computer}}', {
            exe: process.exe || process.processId,
            computer: process.computer,
            interpolation: { escapeValue: false },
          })}
        </span>
      </Stack>
      <ItemTable
        listing={listing}
        columns={[
          t('builder.stream.name', 'Name'),
          t('builder.stream.tags', 'Tags'),
          t('builder.stream.id', 'Stream id'),
        ]}
        failed={t('builder.stream.failed', 'The streams could not be loaded.')}
        none={t('builder.stream.none', 'The process has no streams.')}
        truncated={t('builder.stream.truncated', 'The process has more streams. Type the id of one of the others.')}
        row={(stream) => <StreamRow key={stream.streamId} stream={stream} onChoose={onChoose} />}
      />
    </>
  );
}

interface TableProps<Item> {
  listing: Listing<Item>;
  columns: string[];
  /** Messages about a failure, an empty list and a list that is not complete. */
  failed: string;
  none: string;
  truncated: string;
  row: (item: Item) => React.ReactNode;
}

function ItemTable<Item>(props: TableProps<Item>) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.scroll}>
      <TableContent {...props} />
    </div>
  );
}

function TableContent<Item>({ listing, columns, failed, none, truncated, row }: TableProps<Item>) {
  const styles = useStyles2(getStyles);
  if (listing.status === 'loading') {
    return <LoadingPlaceholder text={t('builder.process.loading', 'Loading...')} />;
  }
  if (listing.status === 'failed') {
    return (
      <Alert severity="warning" title={failed}>
        {listing.error}
      </Alert>
    );
  }
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{listing.items.map(row)}</tbody>
      </table>
      <p role="status" className={styles.note}>
        {listing.items.length === 0 ? none : listing.isTruncated ? truncated : null}
      </p>
    </>
  );
}

function StreamRow({ stream, onChoose }: { stream: StreamInfo; onChoose: StreamListProps['onChoose'] }) {
  const { streamId, name, tags } = stream;
  return (
    <tr>
      <td>
        <Button
          size="sm"
          fill="text"
          type="button"
          aria-label={t('builder.stream.choose-one', 'Choose {{name}}, {{tags}}', {
            name: name || streamId,
            tags: tags.join(' '),
            interpolation: { escapeValue: false },
          })}
          onClick={() => onChoose(streamId)}
        >
          {name || streamId}
        </Button>
      </td>
      <td>{tags.join(', ')}</td>
      <td>{streamId}</td>
    </tr>
  );
}

function ProcessRow({
  process,
  timeZone,
  onChoose,
}: Pick<Props, 'timeZone'> & { process: ProcessInfo; onChoose: (process: ProcessInfo) => void }) {
  const { processId, exe, computer, username, startMs, lastUpdateMs } = process;
  const start = dateTimeFormat(startMs, { timeZone });
  return (
    <tr title={processId}>
      <td>
        <Button
          size="sm"
          fill="text"
          type="button"
          aria-label={t('builder.process.choose-one', 'Choose {{exe}} on {{computer}}, {{start}}', {
            exe,
            computer,
            start,
            interpolation: { escapeValue: false },
          })}
          onClick={() => onChoose(process)}
        >
          {exe || processId}
        </Button>
      </td>
      <td>{computer}</td>
      <td>{username}</td>
      <td>{start}</td>
      <td>{intervalToAbbreviatedDurationString({ start: startMs, end: Math.max(startMs, lastUpdateMs) })}</td>
    </tr>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // The table scrolls, and the dialog keeps its height while the user types.
  scroll: css({ overflow: 'auto', height: '50vh', marginTop: theme.spacing(1) }),
  table: css({
    width: '100%',
    '& th, & td': { padding: theme.spacing(0.5, 1), whiteSpace: 'nowrap', textAlign: 'left' },
    '& thead th': { position: 'sticky', top: 0, background: theme.colors.background.primary },
    // The text of the button in the first column starts where the header of the column starts.
    '& tbody td:first-of-type > button': { marginLeft: theme.spacing(-1) },
    '& tbody tr:hover, & tbody tr:focus-within': { background: theme.colors.background.secondary },
  }),
  note: css({ color: theme.colors.text.secondary, margin: theme.spacing(1) }),
});
