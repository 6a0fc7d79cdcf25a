/** Profile: the calls of one process. */
import { t } from '@grafana/i18n';
import { type ProfileRequest } from '../../../../contract/query-types/profile';
import { condition, UNESCAPED } from '../label-parts';
import { type ViewType } from '../view-type';

export const profile: ViewType<ProfileRequest> = {
  label: () => t('query-types.profile.label', 'Profile'),
  newRequest: { view: 'flame-graph', processId: '' },
  loadForm: async () => (await import(/* webpackChunkName: "query-types" */ '../forms/ProfileForm')).ProfileForm,
  interpolate: (request, strings) => ({
    ...request,
    processId: strings.one(request.processId),
    streamId: strings.one(request.streamId),
    root: strings.one(request.root),
  }),
  describe: ({ view, processId, streamId, spans, root }) => {
    const named = { process: processId, ...UNESCAPED };
    return [
      view === 'flame-graph'
        ? t('query-types.text.flame-graph', 'Flame graph of process {{process}}', named)
        : t('query-types.text.timeline', 'Timeline of process {{process}}', named),
      condition('thread', streamId),
      condition('spans', spans),
      condition('root', root),
    ];
  },
};
