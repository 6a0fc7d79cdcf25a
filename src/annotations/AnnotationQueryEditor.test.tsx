import { type AnnotationQuery } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useEffect, useState } from 'react';
import { MICROMEGAS, startDashboard } from '../testing/dashboard-services';
import { drawn, runAnnotation } from '../testing/run-annotation';
import { type MicromegasQuery } from '../shared/types';
import { annotationSupport } from './annotation-support';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';

type Annotation = AnnotationQuery<MicromegasQuery>;

const NEW: Annotation = { name: 'New annotation', enable: true, iconColor: 'red', datasource: MICROMEGAS };

interface Page {
  /** The annotation that Grafana saves. */
  saved: () => Annotation;
  /** Number of times that Grafana ran the query: on opening, after each change, and when the editor requested a run. */
  runs: () => number;
  close: () => void;
}

/** Opens the editor as Grafana's `StandardAnnotationQueryEditor` does. */
function openEditor(opened: Annotation): Page {
  const { datasource } = startDashboard(() => []);
  datasource.getResource = () => new Promise(() => undefined);
  let saved = opened;
  let runs = 0;
  function Host() {
    const [annotation, setAnnotation] = useState(opened);
    useEffect(() => {
      const prepared = annotationSupport.prepareAnnotation?.(annotation);
      if (prepared && prepared !== annotation) {
        saved = prepared;
        setAnnotation(prepared);
      } else {
        runs++;
      }
    }, [annotation]);
    return (
      <AnnotationQueryEditor
        datasource={datasource}
        query={{ ...annotationSupport.getDefaultQuery?.(), ...(annotation.target ?? { refId: 'Anno' }) }}
        onChange={(target) => {
          saved = { ...annotation, target };
          setAnnotation(saved);
        }}
        onRunQuery={() => runs++}
      />
    );
  }
  const { unmount } = render(<Host />);
  return { saved: () => saved, runs: () => runs, close: unmount };
}

const sql = () => screen.getByLabelText('SQL');

it('creates an annotation that runs', async () => {
  const { saved } = openEditor(NEW);
  await userEvent.click(screen.getByRole('radio', { name: 'Code' }));
  await userEvent.type(sql(), 'SELECT time, text FROM events');
  await userEvent.click(document.body);
  expect(screen.queryByLabelText('Format')).not.toBeInTheDocument();
  expect(screen.getByText('Time filter: on · Row limit: that of the data source')).toBeInTheDocument();
  const run = await runAnnotation(saved(), [
    { name: 'time', type: 'time', values: [1000] },
    { name: 'text', type: 'string', values: ['deployed'] },
  ]);
  expect(run.sent).toMatchObject([{ query: 'SELECT time, text FROM events', format: 'table' }]);
  expect(run.sent[0]?.autoLimit ?? false).toBe(false);
  expect(drawn(run)).toEqual([{ time: 1000, text: 'deployed' }]);
});

it('shows SQL that was saved as a string, and keeps the other fields of the annotation', async () => {
  const old = { ...NEW, query: 'SELECT 1', tagKeys: 'a,b', mappings: { text: { value: 'msg' } } };
  const { saved } = openEditor(old);
  expect(sql()).toHaveValue('SELECT 1');
  await userEvent.type(sql(), '0');
  await userEvent.click(document.body);
  expect(saved()).toMatchObject({
    ...NEW,
    tagKeys: 'a,b',
    mappings: { text: { value: 'msg' } },
    target: { refId: 'Anno', query: 'SELECT 10' },
  });
});

it('keeps unknown fields of the query', async () => {
  const target = { refId: 'A', queryText: 'SELECT 1', table: 't', autoLimit: true, rowLimit: 7, colour: 'red' };
  const { saved } = openEditor({ ...NEW, target });
  expect(screen.getByText('Time filter: on · Auto limit · Row limit: 7')).toBeInTheDocument();
  await userEvent.type(sql(), '0');
  await userEvent.click(document.body);
  expect(saved().target).toMatchObject({ ...target, query: 'SELECT 10' });
});

const WITH_QUERY: Annotation = { ...NEW, target: { refId: 'Anno', query: 'SELECT 1' } };

it('runs the query when the editor loses the focus, not while the user types', async () => {
  const { saved, runs } = openEditor(WITH_QUERY);
  await userEvent.type(sql(), '234');
  expect([saved(), runs()]).toEqual([WITH_QUERY, 1]);
  await userEvent.click(document.body);
  expect([saved().target?.query, runs()]).toEqual(['SELECT 1234', 2]);
});

it('runs a query once per click on Run query, whether the query changed or not', async () => {
  const { saved, runs } = openEditor(WITH_QUERY);
  await userEvent.type(sql(), '2');
  await userEvent.click(screen.getByRole('button', { name: 'Run query' }));
  expect([saved().target?.query, runs()]).toEqual(['SELECT 12', 2]);
  await userEvent.click(screen.getByRole('button', { name: 'Run query' }));
  expect(runs()).toBe(3);
});

it('saves the typed SQL when the editor is unmounted', async () => {
  const { saved, close } = openEditor(WITH_QUERY);
  await userEvent.type(sql(), '2');
  close();
  expect(saved().target?.query).toBe('SELECT 12');
});
