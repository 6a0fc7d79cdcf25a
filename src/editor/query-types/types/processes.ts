/** Processes: a list, the tree of parents and children, and the images of one process. */
import { t } from '@grafana/i18n';
import { type ProcessesQuery } from '../../../../contract/query-types/processes';
import { condition, UNESCAPED } from '../label-parts';
import { type ViewType } from '../view-type';

export const processes: ViewType<ProcessesQuery> = {
  label: () => t('query-types.processes.label', 'Processes'),
  newRequest: { view: 'list' },
  loadForm: async () => (await import(/* webpackChunkName: "query-types" */ '../forms/ProcessesForm')).ProcessesForm,
  interpolate: (request, strings) => ({
    ...request,
    search: strings.one(request.search),
    exe: strings.one(request.exe),
    computer: strings.one(request.computer),
    username: strings.one(request.username),
    version: strings.one(request.version),
    processId: strings.one(request.processId),
  }),
  describe: (request) => {
    const { view, processId = '', search } = request;
    const named = { process: processId, ...UNESCAPED };
    switch (view) {
      case 'images':
        return [t('query-types.text.images', 'Images of process {{process}}', named)];
      case 'tree':
        return processId === ''
          ? [t('query-types.text.tree', 'Tree of processes')]
          : [t('query-types.text.tree-of', 'Tree of process {{process}}', named)];
      case 'list':
        return [
          t('query-types.text.processes', 'Processes'),
          condition('process', processId),
          condition('text', search, 'contains'),
          condition('program', request.exe),
          condition('computer', request.computer),
          condition('user', request.username),
          condition('version', request.version),
          condition('state', request.state),
        ];
    }
  },
};
