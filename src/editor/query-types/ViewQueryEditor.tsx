/** The form of a query without SQL, such as a query of the type _Traces_. */
import { type PanelData, type TimeRange } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { Alert, Button } from '@grafana/ui';
import { mapValues } from 'lodash';
import React from 'react';
import {
  type RequestOf,
  type ViewQueryFields,
  type ViewQueryType,
  type ViewRequest,
  viewRequestOf,
} from '../../../contract/query-types/view-request';
import { BuilderContext } from '../builder/builder-context';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { Rows } from '../../shared/controls/Rows';
import { type MicromegasApi } from '../../shared/types';
import { type RequestForm, type RequestFormProps } from './forms/request-form';
import { newRequestPatch, VIEW_TYPES } from './view-types';

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
  const view = viewRequestOf(query);
  return (
    <BuilderContext datasource={datasource} range={range} timeZone={data?.request?.timezone}>
      <Rows>
        {view === undefined ? (
          <Unreadable onReset={() => onChange(newRequestPatch(type))} />
        ) : (
          <Form
            {...{ datasource, range, data, view, onChange }}
            refId={query.refId}
            idPrefix={`${idPrefix}-${view.type}`}
          />
        )}
      </Rows>
    </BuilderContext>
  );
}

/** The form of each type. All forms are in the file of this component, so that they load at once. */
const FORMS = mapValues(VIEW_TYPES, ({ loadForm }) => lazyEditor(loadForm as never)) as {
  readonly [Type in ViewQueryType]: RequestForm<RequestOf<Type>>;
};

interface FormProps<Type extends ViewQueryType> extends Omit<RequestFormProps<unknown>, 'request' | 'onChange'> {
  view: ViewRequest<Type>;
  onChange: (patch: ViewQueryFields) => void;
}

function Form<Type extends ViewQueryType>({ view: { type, request }, onChange, ...props }: FormProps<Type>) {
  const FormOfType: RequestForm<RequestOf<Type>> = FORMS[type];
  return <FormOfType {...props} request={request} onChange={(changed) => onChange({ [type]: changed })} />;
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
