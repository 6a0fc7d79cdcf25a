/** Titles and descriptions of the starting points and presets of `contract/builder/starting-points.ts`. */
import { t } from '@grafana/i18n';

/** Title and description of a starting point, in the language of the user. */
export interface PointLabels {
  title: string;
  description: string;
}

/** Titles and descriptions by id of the starting point. */
export function pointLabels(): Readonly<Record<string, PointLabels>> {
  return {
    'errors-over-time': {
      title: t('builder.point.errors.title', 'Errors over time'),
      description: t('builder.point.errors.description', 'How many errors each program logged.'),
    },
    'error-count': {
      title: t('builder.point.error-count.title', 'Errors of each program'),
      description: t(
        'builder.point.error-count.description',
        'How many errors each program logged in the last five minutes of the time range.'
      ),
    },
    'silent-processes': {
      title: t('builder.point.silent.title', 'Silent processes'),
      description: t(
        'builder.point.silent.description',
        'How many messages each process logged in the last five minutes. Set the threshold to Is below 1.'
      ),
    },
    'error-rate': {
      title: t('builder.point.error-rate.title', 'Error rate'),
      description: t('builder.point.error-rate.description', 'The percentage of the log messages that are errors.'),
    },
    'recent-errors': {
      title: t('builder.point.recent-errors.title', 'Recent errors'),
      description: t(
        'builder.point.recent-errors.description',
        'The newest log messages of the levels error and fatal.'
      ),
    },
    'failed-traces': {
      title: t('builder.point.failed-traces.title', 'Traces with errors'),
      description: t(
        'builder.point.failed-traces.description',
        'The newest OpenTelemetry traces in which a span failed.'
      ),
    },
    'service-map': {
      title: t('builder.point.service-map.title', 'Service map'),
      description: t(
        'builder.point.service-map.description',
        'Which services call each other, with rate, errors and duration.'
      ),
    },
    'crashed-processes': {
      title: t('builder.point.crashed.title', 'Crashed processes'),
      description: t('builder.point.crashed.description', 'Processes that ended with a fatal log message.'),
    },
    'flame-graph': {
      title: t('builder.point.flame-graph.title', 'Flame graph'),
      description: t(
        'builder.point.flame-graph.description',
        'Where the time of a process goes. You choose the process.'
      ),
    },
    'log-search': {
      title: t('builder.point.log-search.title', 'Log search'),
      description: t('builder.point.log-search.description', 'The newest log messages that contain a text.'),
    },
    'frame-time': {
      title: t('builder.point.frame-time.title', 'Frame time of a program'),
      description: t(
        'builder.point.frame-time.description',
        'The 95th percentile of the measure frame_time_ms, or of another one that you choose.'
      ),
    },
    'frame-time-number': {
      title: t('builder.point.frame-time-number.title', 'Frame time of each program'),
      description: t(
        'builder.point.frame-time-number.description',
        'The 95th percentile of the measure frame_time_ms, or of another one that you choose, in the last five minutes.'
      ),
    },
    'slowest-spans': {
      title: t('builder.point.spans.title', 'Slowest spans'),
      description: t('builder.point.spans.description', 'The longest spans of a process, which you choose.'),
    },
    'recent-processes': {
      title: t('builder.point.processes.title', 'Processes of the time range'),
      description: t('builder.point.processes.description', 'Which programs ran, where, and who ran them.'),
    },
    'who-queries-what': {
      title: t('builder.point.audit.title', 'Who queries what'),
      description: t(
        'builder.point.audit.description',
        "What the queries of each user and client cost, from the server's audit log."
      ),
    },
    'process-start': {
      title: t('builder.point.process-start.title', 'Process starts'),
      description: t('builder.point.process-start.description', 'When a program started.'),
    },
    'process-end': {
      title: t('builder.point.process-end.title', 'Process ends'),
      description: t('builder.point.process-end.description', 'When a program sent its last data.'),
    },
    'fatal-errors': {
      title: t('builder.point.fatal.title', 'Fatal errors'),
      description: t('builder.point.fatal.description', 'Log messages of the level fatal.'),
    },
    deployments: {
      title: t('builder.point.deployments.title', 'Deployments'),
      description: t('builder.point.deployments.description', 'The first start of each version of a program.'),
    },
    programs: {
      title: t('builder.point.programs.title', 'Programs'),
      description: t('builder.point.programs.description', 'The names of the programs that ran.'),
    },
    'process-list': {
      title: t('builder.point.process-list.title', 'Processes by id'),
      description: t('builder.point.process-list.description', 'Process ids, shown with program, computer and start.'),
    },
    computers: {
      title: t('builder.point.computers.title', 'Computers'),
      description: t('builder.point.computers.description', 'The computers on which programs ran.'),
    },
    levels: {
      title: t('builder.point.levels.title', 'Log levels'),
      description: t('builder.point.levels.description', 'The levels of log messages, from fatal to trace.'),
    },
    targets: {
      title: t('builder.point.targets.title', 'Log targets'),
      description: t('builder.point.targets.description', 'The targets of log messages, such as modules of a program.'),
    },
    measures: {
      title: t('builder.point.measures.title', 'Measures'),
      description: t('builder.point.measures.description', 'The names of the measures.'),
    },
  };
}
