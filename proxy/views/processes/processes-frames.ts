/** Returns the frames of queries of the type `processes`. */
import { type ProcessesQuery } from '../../../contract/query-types/processes';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type ViewContext } from '../view-context';
import { processImages } from './process-images';
import { processList } from './process-list';
import { processTree } from './process-tree';

/** @throws {ProxyError} 'query_field_invalid' for a process id that is not a UUID, and errors of the statements. */
export function processesFrames(query: ProcessesQuery, lake: ViewContext): Promise<ComposedFrame[]> {
  switch (query.view) {
    case 'list':
      return processList(query, lake);
    case 'tree':
      return processTree(query, lake);
    case 'images':
      return processImages(query, lake);
  }
}
