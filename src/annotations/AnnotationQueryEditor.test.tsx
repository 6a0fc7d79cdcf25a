import { type AnnotationQuery } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useEffect, useState } from 'react';
import { MICROMEGAS, startDashboard } from '../testing/dashboard-services';
import { drawn, runAnnotation } from '../testing/run-annotation';
import { type MicromegasQuery } from '../types';
import { annotationSupport } from './annotation-support';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  ...jest.requireActual('../testing/plain-controls'),
}));

type Annotation = AnnotationQuery<MicromegasQuery>;

const NEW: Annotation = { name: 'New annotation', enable: true, iconColor: 'red', datasource: MICROMEGAS };

/** Opens the editor as Grafana's `StandardAnnotationQueryEditor` does. @returns The annotation that Grafana saves. */
function openEditor(opened: Annotation): () => Annotation {
  const { datasource } = startDashboard(() => []);
  datasource.getResource = () => new Promise(() => undefined);
  let saved = opened;
  function Host() {
    const [annotation, setAnnotation] = useState(opened);
    saved = annotation;
    useEffect(() => {
      const prepared = annotationSupport.prepareAnnotation?.(annotation);
      if (prepared && prepared !== annotation) {
        setAnnotation(prepared);
      }
    }, [annotation]);
    return (
      <AnnotationQueryEditor
        datasource={datasource}
        query={{ ...annotationSupport.getDefaultQuery?.(), ...(annotation.target ?? { refId: 'Anno' }) }}
        onChange={(target) => setAnnotation({ ...annotation, target })}
        onRunQuery={() => undefined}
      />
    );
  }
  render(<Host />);
  return () => saved;
}

const sql = () => screen.getByLabelText('SQL');

it('makes a new annotation that runs', async () => {
  const saved = openEditor(NEW);
  await userEvent.type(sql(), 'SELECT time, text FROM events');
  expect(screen.queryByLabelText('Format')).not.toBeInTheDocument();
  expect(screen.getByLabelText('Auto limit')).not.toBeChecked();
  const run = await runAnnotation(saved(), [
    { name: 'time', type: 'time', values: [1000] },
    { name: 'text', type: 'string', values: ['deployed'] },
  ]);
  expect(run.sent).toMatchObject([{ query: 'SELECT time, text FROM events', format: 'table' }]);
  expect(run.sent[0]?.autoLimit ?? false).toBe(false);
  expect(drawn(run)).toEqual([{ time: 1000, text: 'deployed' }]);
});

it('moves SQL that was saved as text into the editor, and keeps the rest of the annotation', async () => {
  const old = { ...NEW, query: 'SELECT 1', tagKeys: 'a,b', mappings: { text: { value: 'msg' } } };
  const saved = openEditor(old);
  expect(sql()).toHaveValue('SELECT 1');
  await userEvent.type(sql(), '0');
  expect(saved()).toMatchObject({
    ...NEW,
    tagKeys: 'a,b',
    mappings: { text: { value: 'msg' } },
    target: { refId: 'Anno', query: 'SELECT 10' },
  });
});

it('keeps fields of the query that it does not show', async () => {
  const target = { refId: 'A', queryText: 'SELECT 1', table: 't', autoLimit: true, rowLimit: 7, colour: 'red' };
  const saved = openEditor({ ...NEW, target });
  expect(screen.getByLabelText('Auto limit')).toBeChecked();
  await userEvent.type(sql(), '0');
  expect(saved().target).toMatchObject({ ...target, query: 'SELECT 10' });
});
