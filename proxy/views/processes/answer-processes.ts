/** Answers queries of the type `processes`. */
import { type ProcessesQuery } from '../../../contract/query-types/processes';
import { type AnswerFrame } from '../../frames/data-frames/answer-frames';
import { type ViewContext } from '../view-context';
import { processImages } from './process-images';
import { processList } from './process-list';
import { processTree } from './process-tree';

/** @throws {ProxyError} 'query_field_invalid' for a process id that is no UUID, and errors of the statements. */
export function answerProcesses(query: ProcessesQuery, lake: ViewContext): Promise<AnswerFrame[]> {
  switch (query.view) {
    case 'list':
      return processList(query, lake);
    case 'tree':
      return processTree(query, lake);
    case 'images':
      return processImages(query, lake);
  }
}
