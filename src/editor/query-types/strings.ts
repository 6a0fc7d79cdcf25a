/**
 * Replaces dashboard variables in requests of queries without SQL. Strings may contain variables. In a list of strings,
 * each value of a variable becomes an entry.
 */
import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { get } from 'lodash';
import { MAX_CONDITIONS, type AttributeCondition, type TracesRequest } from '../../../contract/query-types/traces';
import { type ProcessesQuery } from '../../../contract/query-types/processes';
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { typeOfQuery, viewRequestOf, type ViewQueryFields } from '../../../contract/query-types/view-request';
import { hasReference, readValue } from './attribute-values';

type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

/** Matches a string that consists of one variable, and captures the name. */
const ONE_REFERENCE = /^(?:\$(\w+)|\$\{(\w+)\}|\[\[(\w+)\]\])$/;
/** Stands before and after the placeholder of a variable. The placeholder is the index of the values in `lists`. */
const MARK = '\0';

/** Inserts values into the strings of one request. */
class Strings {
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;

  constructor(templates: Templates, scoped: ScopedVars) {
    this.#templates = templates;
    this.#scoped = scoped;
  }

  /** The string with values inserted. Several values of a variable are separated by commas. */
  one<T extends string | undefined>(string: T): T | string {
    return string === undefined || !hasReference(string)
      ? string
      : this.#templates.replace(string, this.#scoped, (value: unknown) => String(value ?? ''));
  }

  /**
   * The entries. An entry with variables becomes one entry for each value, but at most `MAX_CONDITIONS + 1` entries. So
   * the backend still rejects a list that is too long. If All is selected and the list is too long, the result is
   * undefined, which means no restriction.
   */
  list(values: string[] | undefined): string[] | undefined {
    const entries = values?.flatMap((value) => this.#each(value));
    const isTooLong = (entries?.length ?? 0) > MAX_CONDITIONS;
    return isTooLong && values?.some((value) => this.#isAll(value)) ? undefined : entries;
  }

  /**
   * True for a variable with All selected. False in a panel that is repeated for one value of the variable.
   */
  #isAll(string: string): boolean {
    const [, ...names] = ONE_REFERENCE.exec(string) ?? [];
    const name = names.find((each) => each !== undefined);
    const model = this.#templates.getVariables().find((variable) => variable.name === name);
    const current: unknown = model !== undefined && 'current' in model ? model.current : undefined;
    const value: unknown = name !== undefined && this.#scoped[name] === undefined ? get(current, 'value') : undefined;
    return [value].flat()[0] === '$__all';
  }

  #each(string: string): string[] {
    if (!hasReference(string)) {
      return [string];
    }
    const lists: string[][] = [];
    const marked = this.#templates.replace(string.replaceAll(MARK, ''), this.#scoped, (value: unknown) => {
      const values: unknown[] = Array.isArray(value) ? value : [value ?? ''];
      return `${MARK}${lists.push(values.map(String)) - 1}${MARK}`;
    });
    // The parts at odd positions are indexes in `lists`.
    return marked.split(MARK).reduce<string[]>(
      (starts, part, index) => {
        const parts = index % 2 === 0 ? [part] : lists[Number(part)];
        return starts.flatMap((start) => parts.map((next) => start + next)).slice(0, MAX_CONDITIONS + 1);
      },
      ['']
    );
  }
}

function attributeOf(condition: AttributeCondition, strings: Strings): AttributeCondition {
  const { key, operator, value } = condition;
  return {
    ...condition,
    key: strings.one(key),
    ...(typeof value === 'string' && hasReference(value) && { value: readValue(strings.one(value), operator) }),
  };
}

function tracesOf(request: TracesRequest, strings: Strings): TracesRequest {
  const { traceId, processId, services, operations, attributes } = request;
  return {
    ...request,
    traceId: strings.one(traceId),
    processId: strings.one(processId),
    services: strings.list(services),
    operations: strings.list(operations),
    attributes: attributes?.map((condition) => attributeOf(condition, strings)),
  };
}

function profileOf(request: ProfileRequest, strings: Strings): ProfileRequest {
  const { processId, streamId, root } = request;
  return { ...request, processId: strings.one(processId), streamId: strings.one(streamId), root: strings.one(root) };
}

function processesOf(request: ProcessesQuery, strings: Strings): ProcessesQuery {
  const { search, exe, computer, username, version, processId } = request;
  return {
    ...request,
    search: strings.one(search),
    exe: strings.one(exe),
    computer: strings.one(computer),
    username: strings.one(username),
    version: strings.one(version),
    processId: strings.one(processId),
  };
}

function whatChangedOf(request: WhatChangedRequest, strings: Strings): WhatChangedRequest {
  const { processIds, exe } = request;
  return { ...request, processIds: strings.list(processIds), exe: strings.one(exe) };
}

/** A copy without the fields that are undefined, so that a request without variables equals its copy. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

/** The query with the values of variables in the request of its type. A request of unknown shape is unchanged. */
export function interpolateRequest<Q extends ViewQueryFields>(query: Q, templates: Templates, scoped: ScopedVars): Q {
  const view = viewRequestOf(query);
  const strings = new Strings(templates, scoped);
  switch (view?.type) {
    case 'traces':
      return { ...query, traces: defined(tracesOf(view.request, strings)) };
    case 'profile':
      return { ...query, profile: defined(profileOf(view.request, strings)) };
    case 'processes':
      return { ...query, processes: defined(processesOf(view.request, strings)) };
    case 'what-changed':
      return { ...query, 'what-changed': defined(whatChangedOf(view.request, strings)) };
    case undefined:
      return query;
  }
}

/** The request as JSON, so that callers can search the request for variables. Empty for SQL. */
export function requestJson(query: ViewQueryFields): string {
  const type = typeOfQuery(query);
  return type === undefined ? '' : JSON.stringify(query[type]);
}
