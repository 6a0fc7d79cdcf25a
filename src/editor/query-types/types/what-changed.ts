/** What changed: what is new in a window, or more frequent than before it. */
import { t } from '@grafana/i18n';
import { type WhatChangedRequest } from '../../../../contract/query-types/what-changed';
import { condition } from '../label-parts';
import { type ViewType } from '../view-type';

export const whatChanged: ViewType<WhatChangedRequest> = {
  label: () => t('query-types.what-changed.label', 'What changed'),
  newRequest: {},
  loadForm: async () =>
    (await import(/* webpackChunkName: "query-types" */ '../forms/WhatChangedForm')).WhatChangedForm,
  interpolate: (request, strings) => ({
    ...request,
    processIds: strings.list(request.processIds),
    exe: strings.one(request.exe),
  }),
  describe: ({ processIds, exe, scope, atMs, lookBack }) => {
    const ids = processIds || [];
    const named = [condition('process', ids), ids.length === 0 ? condition('program', exe) : ''];
    return [
      t('query-types.text.what-changed', 'What changed'),
      ...(scope === 'lakehouse' ? [t('query-types.text.lakehouse', 'whole lakehouse')] : named),
      scope === 'callers-and-callees' ? t('query-types.text.callers-and-callees', 'with callers and callees') : '',
      atMs ? condition('before', lookBack) : '',
    ];
  },
};
